"""The event log after a flood: which numbers it has, by ring, and whether each line is whole.

A number is a byte in a map of its stream, so that tens of millions of lines fit into memory.
"""
import gzip
import re

LINE = re.compile(rb'\{"timestamp":"[^"\n]*",(?:"event_id":"(\w+-\d+)-(\d+)"|'
                  rb'(?:"in_iface":"[^"\n]*",)?"event_type":"unreach_alert"),[^\n]*\}\}\n')
BLOCK = 1 << 24  # bytes


class EventLog:
    """What stands in one or more files, read one after the other."""

    def __init__(self, *paths):
        self.lines = 0  # that are events
        self.marks = {}  # stream: a byte for each number
        for path in paths:
            self.read(path)

    def read(self, path):
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            rest = b""
            while block := file.read(BLOCK):
                block = rest + block
                rest = block[self.take(block):]
            assert not rest, f"{path} ends within a line: {rest[:200]!r}"

    def take(self, block):
        """Marks the whole lines of a block; where they end."""
        at, end = 0, block.rfind(b"\n") + 1
        for match in LINE.finditer(block):
            assert match.start() == at, f"no line: {block[at:match.start()][:400]!r}"
            at = match.end()
            if match[1]:
                self.mark(match[1], int(match[2]))
        assert at == end, f"no line: {block[at:end][:400]!r}"
        return end

    def mark(self, stream, number):
        self.lines += 1
        marks = self.marks.setdefault(stream, bytearray())
        if number >= len(marks):
            marks.extend(bytes(number + 1 - len(marks) + (1 << 16)))
        marks[number] = 1

    @property
    def distinct(self):
        """Events, each of them once."""
        return sum(sum(marks) for marks in self.marks.values())

    @property
    def repeated(self):
        """Lines that tell an event again."""
        return self.lines - self.distinct

    def has_gaps(self):
        """Is a number missing before the last one of its stream?"""
        return any(marks.rstrip(b"\0").find(b"\0", 1) > 0 for marks in self.marks.values())

    def instances(self):
        return {stream.split(b"-")[0] for stream in self.marks}
