"""A Debian to try the package in: a chroot over a folder or over this very machine, in namespaces of its own.
All that is written goes to memory, so that what was changed can be told from what was there, and nothing is
left when the process that holds the namespaces ends."""
import os
import re
import stat
import subprocess

# What dpkg, and tools that its triggers run, keep for themselves.
STATE = re.compile(r"var/lib/dpkg/|var/log/(dpkg\.log|alternatives\.log)$|var/cache/(debconf|man|ldconfig)/|"
                   r"etc/(passwd|group|shadow|gshadow|subuid|subgid)-$|etc/\.pwd\.lock$|"
                   r"etc/ld\.so\.cache$")

# $1: what is below; $2: an empty folder.
HOLD = """
set -e
mount -t tmpfs -o mode=755 unreach-test "$2"
mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" unreach-test "$2/root"
mount -t proc proc "$2/root/proc"
mount -t sysfs sysfs "$2/root/sys"
mount -t bpf -o mode=0700 bpf "$2/root/sys/fs/bpf"
mount --rbind /dev "$2/root/dev"
ip link set lo up
ip link add out0 type veth peer name in0
ip link set out0 up
ip link set in0 up
echo ready
read -r end
"""

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/root",
               "DEBIAN_FRONTEND": "noninteractive"}


class Refused(Exception):
    """The kernel, or who runs this machine, doesn't allow such a system."""


class System:
    def __init__(self, below, place):
        self.below = below
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--net", "--propagation", "private", "sh", "-c", HOLD, "sh", below, place],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = self.holder.stdout.readline()
        if said != "ready\n":
            self.close()
            raise Refused(said.strip())
        self.place = f"/proc/{self.holder.pid}/root{place}"
        self.enter = ["nsenter", f"--target={self.holder.pid}", "--mount", "--net"]
        self.root = f"{place}/root"

    def close(self):
        self.holder.stdin.close()
        self.holder.wait(timeout=20)
        self.holder.stdout.close()

    def command(self, *words):
        """The words by which another process runs these in it."""
        return [*self.enter, "chroot", self.root, *words]

    def run(self, *words):
        """What it printed; it must succeed."""
        return self._run(self.command(*words))

    def run_beside(self, *words):
        """The same for a program of this machine, in the system's network."""
        return self._run([*self.enter, *words])

    @staticmethod
    def _run(words):
        done = subprocess.run(words, env=ENVIRONMENT, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
        assert done.returncode == 0, f"{' '.join(words)}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def write(self, path, content, mode=0o644):
        with open(f"{self.place}/root/{path}", "wb", opener=lambda p, f: os.open(p, f, mode)) as to:
            to.write(content)

    def exists(self, path):
        return os.path.lexists(f"{self.place}/root/{path}")

    def _differs(self, path):
        upper, below = f"{self.place}/upper/{path}", os.path.join(self.below, path)
        info = os.lstat(upper)
        if stat.S_ISREG(info.st_mode) and os.path.isfile(below):
            with open(upper, "rb") as one, open(below, "rb") as other:
                return one.read() != other.read()
        if stat.S_ISLNK(info.st_mode) and os.path.islink(below):
            return os.readlink(upper) != os.readlink(below)
        return True  # new, another kind, or the mark of something that is gone

    def changed(self):
        """Paths that are new, other than before, or gone; but for what belongs to dpkg."""
        top, found = f"{self.place}/upper", []
        for folder, folders, names in os.walk(top):
            inside = os.path.relpath(folder, top)
            found += [os.path.join(inside, name) + "/" for name in folders
                      if not os.path.isdir(os.path.join(self.below, inside, name))]
            found += [path for path in (os.path.join(inside, name) for name in names)
                      if self._differs(path)]
        return sorted(path for path in (os.path.normpath(p) for p in found) if not STATE.match(path))
