"""Holds connections to a control socket: usage: peers.py SOCKET COUNT [REQUEST]

Prints a line for each: what the daemon's first line was, "open" where it says nothing at once
(without a REQUEST). Holds them until its stdin ends.
"""
import socket
import sys


def connect(path, request):
    """(socket, first line or "open")"""
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(10)
    peer.connect(path)
    if request:
        try:
            peer.sendall(request.encode() + b"\n")
        except BrokenPipeError:
            pass  # it has had its say already
        return peer, peer.recv(200).decode().split("\n", maxsplit=1)[0]
    return peer, "open"


def main():
    path, count, request = sys.argv[1], int(sys.argv[2]), " ".join(sys.argv[3:])
    peers = []
    for _ in range(count):
        peer, said = connect(path, request)
        peers.append(peer)
        print(said, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
