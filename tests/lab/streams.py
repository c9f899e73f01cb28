"""TCP as traffic.py sends it: a server that takes and gives, and transfers of several flows.

A client says `put`, sends, and is told how much arrived; or `get N PACE`, and is sent that much.
A transfer prints its ports once all of its flows are connected, and the bytes that arrived by each
flow when it is over: a line of JSON each. Whoever is ended resets its connections, so that nothing
of them is repeated when something else is being looked at. `pace` is in bytes a second, 0: none.
"""
import contextlib
import json
import socket
import struct
import threading
from itertools import cycle, islice

# From <asm-generic/socket.h>, which Python's socket module does not have.
SO_MAX_PACING_RATE = 47
CHUNK = 65536


def prepare(sock, pace):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if pace:
        sock.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, pace)


def swallow(stream):
    """Reads to the end; how much it was."""
    got = 0
    while data := stream.read1(CHUNK):
        got += len(data)
    return got


def answer(connection):
    """One client of the server's. That it goes before the end is its own matter."""
    with contextlib.suppress(OSError), connection, connection.makefile("rb") as stream:
        prepare(connection, 0)
        match stream.readline().split():
            case [b"put"]:
                connection.sendall(b"%d\n" % swallow(stream))
            case [b"get", size, pace]:
                prepare(connection, int(pace))
                connection.sendall(bytes(int(size)))
                connection.shutdown(socket.SHUT_WR)
        swallow(stream)


def serve(port):
    """Serves TCP on a port; UDP to it is taken in silence, so that nobody refuses it."""
    with socket.create_server(("", port), backlog=128) as server, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("", port))
        print("listening", flush=True)
        while True:
            connection, _peer = server.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()


def put(sock, size, pace):
    """How many bytes the server got."""
    prepare(sock, pace)
    sock.sendall(b"put\n" + bytes(size))
    sock.shutdown(socket.SHUT_WR)
    with sock.makefile() as stream:
        return int(stream.readline())


def get(sock, size, pace):
    """How many bytes we got."""
    sock.sendall(b"get %d %d\n" % (size, pace))
    with sock.makefile("rb") as stream:
        return swallow(stream)


def flow(transfer, sock, arguments, arrived):
    with contextlib.suppress(OSError), sock:
        prepare(sock, 0)
        arrived.append(transfer(sock, *arguments))


def run(transfer, pairs, port, size, flows, pace, seconds):
    """`flows` connections, between each of the (source, host) in turn; "" leaves the source to the
    kernel. Any one step may take `seconds`."""
    socks = [socket.create_connection((host, port), seconds, (source, 0))
             for source, host in islice(cycle(pairs), flows)]
    print(json.dumps([sock.getsockname()[1] for sock in socks]), flush=True)
    arrived = []
    threads = [threading.Thread(target=flow, args=(transfer, sock, (size, pace), arrived))
               for sock in socks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(arrived), flush=True)


def upload(**arguments):
    """We send; the arguments are run()'s."""
    run(put, **arguments)


def download(**arguments):
    """The server sends."""
    run(get, **arguments)
