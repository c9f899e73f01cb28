"""TCP as traffic.py sends it: a server that takes and gives, and transfers of several flows.

A client says `put READER ARGUMENT` (a packet of its own), sends, and is told how much arrived; or
it says `get` and what, and is sent that. Whoever is ended resets its connections, so that nothing
of them is repeated when something else is being looked at. What a transfer prints is JSON, a line
each.
"""
import contextlib
import json
import socket
import struct
import threading
import time
from dataclasses import dataclass

# From <asm-generic/socket.h>, which Python's socket module does not have.
SO_MAX_PACING_RATE = 47
CHUNK = 65536
TURNS = 10  # of a slow reader, a second


@dataclass
class Flow:
    """One transfer; `put`: we send, `get`: the server does."""

    host: str
    size: int  # bytes, written at once
    source: str = ""  # address; "": the kernel's choice
    way: str = "put"
    pace: int = 0  # bytes a second; 0: none
    tail: tuple = (0, 0, 0)  # then so many writes, of so many bytes, so many seconds apart
    reader: tuple = ("eager", 0)  # how the server takes what we send: a row of READERS


def reset_at_end(sock, yes):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", yes, 0))


def prepare(sock, pace):
    reset_at_end(sock, True)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each write leaves at once
    if pace:
        sock.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, pace)


def send(sock, size, pace, tail):
    """The data, then the tail, then no more."""
    prepare(sock, pace)
    sock.sendall(bytes(size))
    count, length, gap = tail
    for _ in range(int(count)):
        time.sleep(gap)
        sock.sendall(bytes(int(length)))
    sock.shutdown(socket.SHUT_WR)


def eager(sock, _argument=0):
    """Reads to the end; how much it was."""
    got = 0
    while data := sock.recv(CHUNK):
        got += len(data)
    return got


def slow(sock, pace):
    """Reads so many bytes a second."""
    got = 0
    while data := sock.recv(int(pace / TURNS)):
        got += len(data)
        time.sleep(1 / TURNS)
    return got


def late(sock, seconds):
    """Reads nothing for so long: the window closes."""
    time.sleep(seconds)
    return eager(sock)


def impatient(sock, seconds):
    """Gives up after so long a silence; -1 then."""
    sock.settimeout(seconds)
    try:
        return eager(sock)
    except TimeoutError:
        return -1
    finally:
        sock.settimeout(None)


READERS = {one.__name__: one for one in (eager, slow, late, impatient)}


def first_line(sock):
    """The words of it; what comes after them is still to be read."""
    with sock.makefile("rb", buffering=0) as stream:
        return stream.readline().decode().split()


def answer(connection):
    """One client of the server's. That it goes before the end is its own matter."""
    with contextlib.suppress(OSError), connection:
        prepare(connection, 0)
        match first_line(connection):
            case ["put", reader, argument]:
                connection.sendall(line(READERS[reader](connection, float(argument))))
                connection.shutdown(socket.SHUT_WR)
                reset_at_end(connection, False)  # the client may yet have to hear it
            case ["get", size, pace, *tail]:
                send(connection, int(size), int(pace), [float(word) for word in tail])
        eager(connection)


def serve(port):
    """Serves TCP on a port; UDP to it is taken in silence, so that nobody refuses it."""
    with socket.create_server(("", port), backlog=1024) as server, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("", port))
        print("listening", flush=True)
        while True:
            connection, _peer = server.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()


def line(*words):
    return (" ".join(map(str, words)) + "\n").encode()


def put(sock, flow):
    """How many bytes the server got."""
    prepare(sock, 0)
    sock.sendall(line("put", *flow.reader))
    send(sock, flow.size, flow.pace, flow.tail)
    return int(first_line(sock)[0])


def get(sock, flow):
    """How many bytes we got."""
    prepare(sock, 0)
    sock.sendall(line("get", flow.size, flow.pace, *flow.tail))
    return eager(sock)


WAYS = {one.__name__: one for one in (put, get)}


def connect(flow, port, seconds):
    return socket.create_connection((flow.host, port), seconds, (flow.source, 0))


def start(target, rows):
    """A thread for each row of arguments."""
    threads = [threading.Thread(target=target, args=row, daemon=True) for row in rows]
    for thread in threads:
        thread.start()
    return threads


def converse(flows, port, seconds):
    """Prints the ports once all flows are connected, and at the end the bytes that arrived by each,
    null where it was broken off. Any one step may take `seconds`."""
    flows = [Flow(**flow) for flow in flows]
    arrived = [None] * len(flows)

    def one(i, sock, flow):
        with contextlib.suppress(OSError, IndexError), sock:
            arrived[i] = WAYS[flow.way](sock, flow)

    socks = [connect(flow, port, seconds) for flow in flows]
    print(json.dumps([sock.getsockname()[1] for sock in socks]), flush=True)
    for thread in start(one, [(i, *both) for i, both in enumerate(zip(socks, flows))]):
        thread.join()
    print(json.dumps(arrived), flush=True)


def crowd(flows, port, seconds, within):
    """Each flow connects by itself, the last one after `within` seconds; what is not over after
    `seconds` is broken off. Prints as converse() does, but no ports: null for each that connected,
    at the end."""
    flows = [Flow(**flow) for flow in flows]
    connected, arrived = [], [None] * len(flows)

    def one(i, flow):
        time.sleep(within * i / len(flows))
        with contextlib.suppress(OSError, IndexError), connect(flow, port, seconds) as sock:
            connected.append(None)
            arrived[i] = WAYS[flow.way](sock, flow)

    end = time.monotonic() + seconds
    for thread in start(one, enumerate(flows)):
        thread.join(max(0, end - time.monotonic()))
    print(json.dumps(list(connected)), json.dumps(arrived), sep="\n", flush=True)
