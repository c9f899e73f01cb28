// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What an alert says to people: the evidence, what it most likely means, what
 * it can't tell, what to do. All words about alerts stand here. Facts: RFC
 * 1191, 2923, 5927, and what Linux was measured to do.
 */
#include <stdio.h>

#include "base/addr.h"
#include "base/clock.h"
#include "state/alert.h"
#include "state/links.h"
#include "unreach/codes.h"

static void say_addr(struct buf *b, const char *before, const struct unreach_addr *a,
		     const char *after)
{
	buf_str(b, before);
	addr_format(b, a);
	buf_str(b, after);
}

static void say_span(struct buf *b, const struct finding *f)
{
	buf_printf(b, "%.2f s", (double)(f->last - f->first) / NS_PER_SEC);
}

/* "3 hosts, 12 destinations", where it is more than one of either. */
static void say_extent(struct buf *b, const struct alert *a)
{
	if (!alert_has_path(a->lead.kind))
		return;
	if (a->hosts > 1)
		buf_printf(b, "; %u hosts", a->hosts);
	if (a->destinations > 1)
		buf_printf(b, "; %u destinations", a->destinations);
	if (a->flows > 1)
		buf_printf(b, "; %u flows", a->flows);
	if (a->more && (a->hosts > 1 || a->destinations > 1 || a->flows > 1))
		buf_str(b, " at least");
}

static void segment_evidence(struct buf *b, const struct alert *a)
{
	const struct finding *f = &a->lead;

	buf_printf(b, "the same TCP segment (%u bytes) was quoted %u times within ",
		   f->quoted_length, f->episodes);
	say_span(b, f);
	buf_printf(b, ", each time told that %u bytes is the most", f->mtu);
}

static void flows_evidence(struct buf *b, const struct alert *a)
{
	const struct finding *f = &a->lead;

	buf_printf(b, "after %u bytes had been told, %u flows one after the other sent %u bytes",
		   f->mtu, f->episodes, f->quoted_length);
}

static void unlearned_evidence(struct buf *b, const struct alert *a)
{
	const struct finding *f = &a->lead;

	say_addr(b, "this host's route to ", &f->dst, "");
	buf_printf(b, " knows of no MTU of %u bytes, though that was told %u times within ", f->mtu,
		   f->episodes);
	say_span(b, f);
}

/* Of a row's adverts the first one's host is kept, and the last one's length. */
static void class_evidence(struct buf *b, const struct alert *a)
{
	const struct finding *f = &a->lead;

	if (a->messages == 1) {
		buf_printf(b, "1 advert of an MTU of %u bytes, about a packet of %u bytes from ",
			   f->mtu, f->quoted_length);
		say_addr(b, "", &f->src, " to ");
		addr_format(b, &f->dst);
		return;
	}
	buf_printf(b, "%llu adverts; for ", (unsigned long long)a->messages);
	addr_format(b, &f->dst);
	buf_printf(b, " an MTU of %u bytes was told, the first packet quoted was from ", f->mtu);
	say_addr(b, "", &f->src, "");
	buf_printf(b, ", the last was %u bytes long", f->quoted_length);
}

/* "at least 1076 bytes pass, 1500 do not" */
static void say_interval(struct buf *b, const struct finding *f)
{
	if (f->passes)
		buf_printf(b, "%u bytes pass, %u do not", f->passes, f->stuck);
	else
		buf_printf(b, "%u bytes do not pass", f->stuck);
}

static void stuck_evidence(struct buf *b, const struct alert *a)
{
	buf_printf(b,
		   "a segment of %u bytes was sent again and again and never acknowledged, "
		   "while the peer went on answering; ",
		   a->lead.stuck);
	say_interval(b, &a->lead);
}

static void shorter_evidence(struct buf *b, const struct alert *a)
{
	buf_printf(b, "a segment of %u bytes was never acknowledged until it was sent %s; ",
		   a->lead.stuck,
		   a->lead.passes ? "shorter" : "in a way that lets routers fragment it");
	say_interval(b, &a->lead);
}

static void say_messages(struct buf *b, const struct alert *a)
{
	buf_printf(b, "%llu message%s within ", (unsigned long long)a->messages,
		   a->messages == 1 ? "" : "s");
	say_span(b, &a->lead);
}

static void source_rate_evidence(struct buf *b, const struct alert *a)
{
	say_messages(b, a);
	buf_printf(b, ", up to %u a second", a->lead.peak);
}

static void code_rate_evidence(struct buf *b, const struct alert *a)
{
	source_rate_evidence(b, a);
	buf_str(b, ", beside what sources send that are a flood by themselves");
}

static void targets_evidence(struct buf *b, const struct alert *a)
{
	buf_printf(b,
		   "at least %u target%s of its packets reported unreachable within a minute; "
		   "at least ",
		   a->lead.peak, a->lead.peak == 1 ? "" : "s");
	say_messages(b, a);
}

void alert_evidence(struct buf *b, const struct alert *a)
{
	static void (*const by_basis[])(struct buf * b, const struct alert *a) = {
		[BASIS_SEGMENT] = segment_evidence,
		[BASIS_FLOWS] = flows_evidence,
		[BASIS_UNLEARNED] = unlearned_evidence,
		[BASIS_CLASS] = class_evidence,
		[BASIS_STUCK] = stuck_evidence,
		[BASIS_SHORTER] = shorter_evidence,
		[BASIS_SOURCE_RATE] = source_rate_evidence,
		[BASIS_CODE_RATE] = code_rate_evidence,
		[BASIS_TARGETS] = targets_evidence,
	};

	by_basis[a->lead.basis](b, a);
	say_extent(b, a);
}

static void ignored_meaning(struct buf *b, const struct alert *a)
{
	if (a->lead.basis == BASIS_UNLEARNED) {
		buf_str(b, "ICMP is dropped on this host, by its own packet filter: connections "
			   "hang as soon as they send full-size packets");
		return;
	}
	if (a->lead.basis == BASIS_FLOWS) {
		say_addr(
			b, "", &a->lead.src,
			" does not hear it, or is the one address of several hosts (NAT), of which "
			"each was told once; if it is one host, its connections hang as soon as "
			"they send full-size packets");
		return;
	}
	if (a->hosts > 1)
		buf_printf(b,
			   "%u hosts do not hear it: a firewall between this border and them "
			   "drops ICMP",
			   a->hosts);
	else if (a->destinations > 1)
		say_addr(b, "", &a->lead.src,
			 " does not hear it from anywhere: its own firewall, or one just before "
			 "it, drops ICMP");
	else
		say_addr(b, "", &a->lead.src,
			 " does not hear it: ICMP is dropped between this border and the host, or "
			 "at the host, or goes to another server behind the same address (ECMP)");
	buf_str(b, "; connections hang as soon as they send full-size packets (a PMTUD black "
		   "hole)");
}

static const char *const class_meanings[UNREACH_CLASSES] = {
	[UNREACH_CLASS_IMPOSSIBLE] =
		"no IPv4 link has an MTU below 68 bytes (RFC 791): a forgery or a broken router; "
		"Linux falls to 552 bytes and sends without DF from then on",
	[UNREACH_CLASS_TINY] =
		"no link of today has an MTU below 552 bytes: most likely a forgery; Linux falls "
		"to 552 bytes and sends without DF, which opens the door to attacks by fragments "
		"(RFC 5927)",
	[UNREACH_CLASS_LEGACY] =
		"an advert without an MTU, as before RFC 1191: a very old router, a firewall that "
		"rejects with code 4, or a forgery; Linux falls to 552 bytes",
	[UNREACH_CLASS_OFF_PATH] =
		"the quoted packet was not sent by the host that is told: a forgery, or a NAT that "
		"translates only the outer header, and then its hosts hear nothing they can use",
	[UNREACH_CLASS_ECHO] =
		"an advert that quotes a ping tells less than TCP was told: Linux believes it "
		"without a check, and every connection to that destination shrinks",
	[UNREACH_CLASS_NO_DF] =
		"the quoted packet was allowed to be split, so no router had to refuse it: a "
		"forgery, or a box that clears DF on the way; Linux believes it",
	[UNREACH_CLASS_POINTLESS] =
		"the MTU that is told is no smaller than the packet that it is about: a broken "
		"router or tunnel, and the sender can do nothing",
};

static void silent_meaning(struct buf *b, const struct alert *a)
{
	(void)a;
	buf_str(b, "a router or tunnel on the way drops large packets, and its code 4 does not get "
		   "here: filtered, or never sent (a silent PMTUD black hole, RFC 2923); "
		   "connections hang as soon as they send full-size packets");
}

static void invalid_meaning(struct buf *b, const struct alert *a)
{
	buf_str(b, class_meanings[a->lead.class]);
}

static void flood_meaning(struct buf *b, const struct alert *a)
{
	if (a->lead.basis == BASIS_SOURCE_RATE)
		buf_str(b, "hosts and routers limit what they send of these, so it is an attack, a "
			   "box that has no limit, or one that refuses what very many hosts of "
			   "ours send");
	else
		buf_str(b, "many sources at once: an outage that cuts off many destinations, an "
			   "attack under made-up addresses, or answers to packets that others "
			   "send in our name (backscatter)");
}

static void scan_meaning(struct buf *b, const struct alert *a)
{
	(void)a;
	buf_str(b, "the host looks for somebody who answers (a scan, a worm), or runs what talks "
		   "to very many (peer-to-peer, mail, a resolver, monitoring); or others send in "
		   "its name, and it sent nothing (backscatter)");
}

void alert_meaning(struct buf *b, const struct alert *a)
{
	static void (*const by_kind[ALERT_KINDS])(struct buf * b, const struct alert *a) = {
		[ALERT_IGNORED] = ignored_meaning, [ALERT_INVALID] = invalid_meaning,
		[ALERT_SILENT] = silent_meaning,   [ALERT_FLOOD] = flood_meaning,
		[ALERT_SCAN] = scan_meaning,
	};

	by_kind[a->lead.kind](b, a);
}

void alert_unknown(struct buf *b, const struct alert *a)
{
	switch (a->lead.basis) {
	case BASIS_SEGMENT:
		buf_str(b, "where behind this border the advert is lost; whether the sender will "
			   "find a smaller size by itself (RFC 4821)");
		break;
	case BASIS_FLOWS:
		buf_str(b, "whether these flows are one host's, or those of several behind one "
			   "address (NAT), each of which must be told once");
		break;
	case BASIS_UNLEARNED:
		buf_str(b, "which rule drops it");
		break;
	case BASIS_STUCK:
	case BASIS_SHORTER:
		buf_str(b, "where on the way it is; a box that ends each connection after so many "
			   "bytes looks much the same; UDP and QUIC can't be judged");
		break;
	case BASIS_CODE_RATE:
		buf_str(b, "which of the sources are real: nothing in an ICMP message proves its "
			   "sender");
		break;
	case BASIS_TARGETS:
		buf_str(b, "whether the host sent the packets that are quoted; who else it spoke "
			   "to: targets that answer, or are silent, do not show; where events are "
			   "limited, there were more");
		break;
	case BASIS_SOURCE_RATE:
	case BASIS_CLASS:
		say_addr(b, "whether ", &a->lead.reporter,
			 " sent it: nothing in an ICMP message proves its sender");
		break;
	}
}

static void ignored_advice(struct buf *b, const struct alert *a)
{
	const char *link = link_by_mtu(a->lead.mtu);

	buf_str(b, "let ICMP type 3 code 4 through to ");
	if (a->hosts > 1)
		buf_str(b, "these hosts");
	else
		addr_format(b, &a->lead.src);
	buf_printf(b, "; until then clamp the MSS (nft: tcp flags syn tcp option maxseg size set "
		      "rt mtu) ");
	if (link)
		buf_printf(b, "for the link of %u bytes (%s)", a->lead.mtu, link);
	else
		buf_printf(b, "for the link of %u bytes", a->lead.mtu);
	buf_str(b, ", or set net.ipv4.tcp_mtu_probing=1 on the sender");
}

static void silent_advice(struct buf *b, const struct alert *a)
{
	const struct finding *f = &a->lead;

	buf_str(b, "find the path's MTU (ping -M do -s SIZE, or tracepath, to ");
	addr_format(b, &f->dst);
	if (f->passes)
		buf_printf(b, "): it lies from %u to %u bytes", f->passes, f->stuck - 1);
	else
		buf_printf(b, "): it lies below %u bytes", f->stuck);
	buf_str(b, "; have its owner let code 4 out; until then clamp the MSS (nft: tcp flags syn "
		   "tcp option maxseg size set SIZE) or lower the MTU of a tunnel of ours, or set "
		   "net.ipv4.tcp_mtu_probing=1 on the sender");
}

static void class_advice(struct buf *b, const struct alert *a)
{
	switch (a->lead.class) {
	case UNREACH_CLASS_LEGACY:
	case UNREACH_CLASS_POINTLESS:
		say_addr(b, "see what ", &a->lead.reporter,
			 " is; have it repaired, or its reject rule use another code");
		break;
	case UNREACH_CLASS_OFF_PATH:
		say_addr(b, "if ", &a->lead.dst,
			 " is reached through a NAT of ours, make it translate the quoted packet "
			 "too; else drop it at the border");
		break;
	default:
		say_addr(b, "drop it at the border: code 4 from ", &a->lead.reporter, "");
		buf_str(b, "; `ip route get` on the host shows what it believed, `ip route flush "
			   "cache` undoes it");
	}
}

static void flood_advice(struct buf *b, const struct alert *a)
{
	if (a->lead.basis == BASIS_SOURCE_RATE)
		say_addr(b, "see what is quoted (unreach events --source ", &a->lead.reporter,
			 "): where our hosts did send it, stop them, else limit ICMP type 3 from "
			 "there at the border");
	else
		buf_printf(b,
			   "see who sends it and about what (unreach sources, unreach targets, "
			   "with --code %u): where our hosts did not send what is quoted, limit "
			   "this code (%s) at the border",
			   a->lead.code, unreach_code_name(a->lead.code));
	buf_str(b, "; code 4 must get through, or path MTU discovery fails");
}

static void scan_advice(struct buf *b, const struct alert *a)
{
	say_addr(b, "see on the inside whether it sends (tcpdump src host ", &a->lead.src,
		 "), and which program (ss -tunp on the host); what is quoted: unreach events");
}

void alert_advice(struct buf *b, const struct alert *a)
{
	static void (*const by_kind[ALERT_KINDS])(struct buf * b, const struct alert *a) = {
		[ALERT_IGNORED] = ignored_advice, [ALERT_INVALID] = class_advice,
		[ALERT_SILENT] = silent_advice,	  [ALERT_FLOOD] = flood_advice,
		[ALERT_SCAN] = scan_advice,
	};

	by_kind[a->lead.kind](b, a);
}
