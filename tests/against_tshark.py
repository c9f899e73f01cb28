"""Event lines against what tshark decodes of the same frames.

check(capture, lines) does all of it, for vectors and for captures taken in a lab. Each value that
both have must be equal, whatever tshark has must be in the line, and what only the line has needs
one of the excuses in LIMITS.
"""

from dataclasses import dataclass, field

from tshark import decode, form

# What tshark does not decode though the bytes are there: keys, when, why.
ICMP_KEYS = ("icmp_type", "icmp_code", "unreach.name", "unreach.checksum", "unreach.quote")
PORTS = ("unreach.orig.src_port", "unreach.orig.dest_port")
ORIG_TYPE = ("unreach.orig.icmp_type", "unreach.orig.icmp_code", "echo")
LIMITS = (
    (ICMP_KEYS, lambda it: it.visible < 6, "it reads no ICMP of less than 6 bytes"),
    (PORTS, lambda it: it.believed < 4, "it shows no port before it has both"),
    (PORTS, lambda it: it.orig()["proto"] == "SCTP" and it.believed < 12,
     "it wants SCTP's whole common header"),
    (ORIG_TYPE, lambda it: it.believed < 7, "it reads no quoted ICMP of less than 7 bytes"),
    (("unreach.orig.tcp_seq", "unreach.orig.udp_length"), lambda it: it.believed < 8,
     "it believes the quoted length, or RFC 4884's, where more is quoted"),
    (("unreach.orig.dest_ip",), lambda it: it.quoted_size < it.quoted_header,
     "it wants all quoted options before the destination, for a source route's sake"),
    (tuple(f"unreach.orig.{key}" for key in form.ORIG),
     lambda it: 0 < it.quoted.number("ip.len") < it.quoted_header,
     "it reads no further in a header that is longer than its datagram"),
)
# What a live event line has, or has otherwise, than one read from a capture of the same traffic.
LIVE = ("timestamp", "event_id", "in_iface", "pcap_cnt", "community_id", "vlan",
        "unreach.suppressed")


@dataclass
class Result:
    """compared: values that both have; problems and excused: lines to print."""

    compared: int = 0
    problems: list = field(default_factory=list)
    excused: list = field(default_factory=list)

    def add(self, other):
        self.compared += other.compared
        self.problems += other.problems
        self.excused += other.excused


def flat(event, prefix=""):
    """{"unreach.orig.src_ip": value}"""
    out = {}
    for key, value in event.items():
        if isinstance(value, dict):
            out.update(flat(value, f"{prefix}{key}."))
        else:
            out[prefix + key] = value
    return out


def excuse(key, decoded):
    """Why tshark need not have this key, or None."""
    for keys, applies, why in LIMITS:
        if key in keys and applies(decoded):
            return why
    return None


def _flags(ours, theirs, decoded):
    """Flags with those left out that tshark could not know; and whether there were any."""
    unknown = [flag for flag in ours if flag not in theirs and excuse(flag, decoded)]
    return [flag for flag in ours if flag not in unknown], bool(unknown)


def compare(event, decoded, ignore=()):
    """One event line (parsed) with one frame."""
    out, at = Result(), f"frame {decoded.number}"
    ours = {key: value for key, value in flat(event).items() if key not in ignore}
    theirs = {key: value for key, value in flat(decoded.event()).items() if key not in ignore}
    if "unreach.flags" in ours:
        known, lacking = _flags(ours["unreach.flags"], theirs.get("unreach.flags", []), decoded)
        if lacking:
            out.excused.append(f"{at}: unreach.flags: {excuse('echo', decoded)}")
            ours["unreach.flags"] = known
            theirs.setdefault("unreach.flags", [])
    for key in sorted({*ours, *theirs}):
        if key in ours and key in theirs:
            out.compared += 1
            if ours[key] != theirs[key] or type(ours[key]) is not type(theirs[key]):
                out.problems.append(f"{at}: {key}: {ours[key]!r}, tshark {theirs[key]!r}")
        elif key in theirs:
            out.problems.append(f"{at}: {key}: absent, tshark {theirs[key]!r}")
        elif excuse(key, decoded):
            out.excused.append(f"{at}: {key}: {excuse(key, decoded)}")
        else:
            out.problems.append(f"{at}: {key}: {ours[key]!r}, tshark does not have it")
    return out


def _identity(event):
    orig = event["unreach"].get("orig", {})
    return (event["src_ip"], event["dest_ip"], event.get("icmp_code"), event["unreach"]["length"],
            *(orig.get(key) for key in ("proto", "src_port", "dest_port", "id", "tcp_seq")))


def _pair(events, frames, key_of_event, key_of_frame):
    """[(event or None, frame or None)]: in order among those of one key."""
    waiting = {}
    for frame in frames:
        waiting.setdefault(key_of_frame(frame), []).append(frame)
    pairs = []
    for event in events:
        same = waiting.get(key_of_event(event), [])
        pairs.append((event, same.pop(0) if same else None))
    return pairs + [(None, frame) for rest in waiting.values() for frame in rest]


def match(frames, events, live=False):
    """All event lines (parsed) with all frames of one capture, as one Result.

    From a capture, lines and frames belong together by pcap_cnt; live ones by what they say, in
    any order, and without the keys that only one side can have.
    """
    frames = [one for one in frames if one.is_unreachable is not False]
    if live:
        pairs = _pair(events, frames, _identity, lambda frame: _identity(frame.event()))
    else:
        pairs = _pair(events, frames, lambda event: event["pcap_cnt"], lambda frame: frame.number)
    out = Result()
    for event, frame in pairs:
        if event and frame:
            out.add(compare(event, frame, LIVE if live else ()))
        elif event:
            out.problems.append(f"an event without a frame: {event}")
        elif frame.is_unreachable:
            out.problems.append(f"frame {frame.number}: no event")
    return out


def check(capture, events, live=False):
    """The same for a capture file."""
    return match(decode(capture), events, live)
