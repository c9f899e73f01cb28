"""Somebody else's XDP link, made by hand: a program that passes every frame, attached and pinned.

usage: links.py INTERFACE native|generic PATH        (in the interface's namespace)

No tool of the distribution makes one. Structures as in linux/bpf.h, union bpf_attr.
"""
import ctypes
import os
import platform
import socket
import struct
import sys

BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]  # the number of bpf(2)
PROG_LOAD, OBJ_PIN, LINK_CREATE = 5, 6, 28
PROG_TYPE_XDP, ATTACH_XDP = 6, 37
FLAGS = {"generic": 1 << 1, "native": 1 << 2}
PASS = struct.pack("<BBhi", 0xb7, 0, 0, 2) + struct.pack("<BBhi", 0x95, 0, 0, 0)
ATTR_SIZE = 128
libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attr):
    """bpf(2); its result."""
    attr = ctypes.create_string_buffer(attr, ATTR_SIZE)
    result = libc.syscall(BPF, command, attr, ATTR_SIZE)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def address(buffer):
    return ctypes.cast(buffer, ctypes.c_void_p).value


def attach(interface, mode, path):
    """Unlike our programs, this one tells no attach type: no link takes the one for the other."""
    code, terms = ctypes.create_string_buffer(PASS), ctypes.create_string_buffer(b"GPL")
    program = bpf(PROG_LOAD, struct.pack("=IIQQIIQII16s", PROG_TYPE_XDP, len(PASS) // 8,
                                         address(code), address(terms), 0, 0, 0, 0, 0,
                                         b"stranger"))
    link = bpf(LINK_CREATE, struct.pack("=IIII", program, socket.if_nametoindex(interface),
                                        ATTACH_XDP, FLAGS[mode]))
    name = ctypes.create_string_buffer(path.encode())
    bpf(OBJ_PIN, struct.pack("=QI", address(name), link))


if __name__ == "__main__":
    attach(*sys.argv[1:])
