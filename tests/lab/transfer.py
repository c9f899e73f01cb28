"""TCP from c to s, held from outside: started, waited for, or broken off. streams.py is the inside.

Knows nothing of the programs under test.
"""
import json

import lab as network
from lab import LabError, until

PATIENCE = 60  # seconds that a transfer may take


class Transfer:
    """`flows` flows of `size` bytes each, at `pace` bytes a second each (0: as fast as they go).

    c uploads between `pairs` (source, host) in turn or, with `served`, is the server from which s
    downloads: c is the sender either way. The end of the context breaks off what is not over.
    """

    def __init__(self, lab, size, flows=1, pace=0, pairs=(("", network.SERVER),), served=False):
        self.lab = lab
        client, kind, server = ("s", "download", "c") if served else ("c", "upload", "s")
        self.server = lab.serve(server)
        self.client = lab.start_traffic(client, (kind, {
            "pairs": [("", network.CLIENT)] if served else pairs, "port": network.PORT,
            "size": size, "flows": flows, "pace": pace, "seconds": PATIENCE}))
        self.ports = self.told()  # the client's

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
        """Waits until it is over; the bytes that arrived of each flow that was not broken off."""
        until(self.over, "the transfer is over", PATIENCE)
        return self.told()
