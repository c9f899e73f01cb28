#!/usr/bin/python3
"""Writes the synthetic vectors from the descriptions in gen/table_*.py.

    make.py            write every file anew
    make.py --check    write nothing; fail where a file is missing or differs
"""

import sys
from pathlib import Path

from gen import store, table_header, table_link, table_message, table_quote

VECTORS = (table_message.VECTORS + table_quote.VECTORS + table_header.VECTORS
           + table_link.VECTORS)


def files():
    """Every file of every synthetic vector: {name: bytes}."""
    out = {}
    for vector in VECTORS:
        for name, data in vector.files().items():
            if name in out:
                raise ValueError(f"two vectors write {name}")
            out[name] = data
    return out


if __name__ == "__main__":
    sys.exit(store.main(__file__, files(), Path(__file__).parent))
