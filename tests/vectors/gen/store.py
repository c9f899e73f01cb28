"""What make.py and expect.py do with the files they have made: write them, or compare."""

import sys


def differing(files, folder):
    """Names of files that are missing in the folder or hold other bytes."""
    return [name for name, data in sorted(files.items())
            if not (folder / name).is_file() or (folder / name).read_bytes() != data]


def main(program, files, folder):
    """Both scripts' command line; the exit status."""
    arguments = sys.argv[1:]
    if arguments not in ([], ["--check"]):
        print(f"usage: {program} [--check]", file=sys.stderr)
        return 2
    names = differing(files, folder)
    if arguments:
        for name in names:
            print(f"{name}: missing or different; if that is meant, run {program}")
        return 1 if names else 0
    for name in names:
        (folder / name).write_bytes(files[name])
    print(f"{len(files)} files, {len(names)} written")
    return 0
