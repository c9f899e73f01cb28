"""TCP from c to s, held from outside: started, waited for, or broken off. streams.py is the inside.

Knows nothing of the programs under test.
"""
import json
from dataclasses import asdict
from itertools import cycle, islice

import lab as network
from lab import LabError, until
from streams import Flow

PATIENCE = 60  # seconds that a transfer may take


class Transfers:
    """Flows between c and s, of which s is the client where it is c that serves.

    The end of the context breaks off what is not over.
    """

    def __init__(self, lab, flows, served=False, kind="converse", seconds=PATIENCE, **arguments):
        self.lab = lab
        client, server = ("s", "c") if served else ("c", "s")
        self.server = lab.serve(server)
        self.client = lab.start_traffic(client, (kind, {
            "flows": [asdict(flow) for flow in flows], "port": network.PORT, "seconds": seconds,
            **arguments}))

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        for process in (self.client, self.server):
            self.lab.stop(process)
            process.stdout.close()

    def told(self):
        """The next line from inside."""
        line = self.client.stdout.readline()
        if not line:
            raise LabError("the transfer has failed")
        return json.loads(line)

    def over(self):
        return self.client.poll() is not None

    def arrived(self):
        """Waits until it is over; the bytes that arrived by each flow, None: it was broken off."""
        until(self.over, "the transfer is over", PATIENCE)
        return self.told()


class Mix(Transfers):
    """Flows of different shapes, all connected when this returns; .ports are the client's."""

    def __init__(self, lab, flows, served=False):
        super().__init__(lab, flows, served)
        self.ports = self.told()


class Transfer(Mix):
    """`flows` flows of `size` bytes each, at `pace` bytes a second each (0: as fast as they go).

    c uploads between `pairs` (source, host) in turn or, with `served`, is the server from which s
    downloads: c is the sender either way.
    """

    def __init__(self, lab, size, flows=1, pace=0, pairs=(("", network.SERVER),), served=False):
        pairs, way = ([("", network.CLIENT)], "get") if served else (pairs, "put")
        super().__init__(lab, [Flow(host, size, source, way, pace)
                               for source, host in islice(cycle(pairs), flows)], served)


class Crowd(Transfers):
    """Flows that start within a time, and have so many seconds altogether (streams.crowd)."""

    def __init__(self, lab, flows, served, seconds, within):
        super().__init__(lab, flows, served, "crowd", seconds, within=within)

    def arrived(self):
        """Waits until it is over; (how many flows connected, the bytes that arrived by each, None
        by what was broken off)."""
        until(self.over, "the crowd is gone", PATIENCE)
        return len(self.told()), self.told()
