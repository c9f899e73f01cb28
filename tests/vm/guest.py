"""A guest: an initial file system of the built programs and tests, and a run of it under qemu.

It has no disk and no network. The first serial line is the kernel's console, on the second one
tests/vm/init says what became of each check. Knows nothing of what is checked.
"""
import os
import platform
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300  # that a guest may take
FOLDERS = ("bin", "sbin", "proc", "sys", "dev", "run", "tmp", "unreach", "modules")
HOST_PROGRAMS = {"busybox": "/bin/busybox", "dash": "/bin/sh", "ip": "/sbin/ip"}
OURS = ("build/unreachd", "build/unreach", "build/tests/prog/*", "build/tests/tools/flood",
        "tests/vm/init", "tests/vm/common", "tests/vm/checks", "docs/limits.md")


running = set()  # the qemu processes of now, for who must end early


def missing():
    """Why no guest can run here, or None."""
    if platform.machine() != "x86_64":
        return f"kernels for x86_64 are booted, this is {platform.machine()}"
    for program in ("qemu-system-x86_64", "busybox", "cpio"):
        if not shutil.which(program):
            return f"no {program}: scripts/deps vm installs it"
    return None


def libraries(program):
    """The shared libraries and the loader, at the paths by which they are looked up."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return re.findall(r"(?:=> |^\s+)(/\S+) \(", said, re.M)


def add(root, source, path):
    """A file and the libraries that it needs."""
    for name, at in ((source, path), *((lib, lib) for lib in libraries(source))):
        target = root / at.lstrip("/")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.realpath(name), target)


def build(work):
    """The file system that all guests share; the archive."""
    root = work / "root"
    for name in FOLDERS:
        (root / name).mkdir(parents=True)
    for name, path in HOST_PROGRAMS.items():
        add(root, shutil.which(name, path=os.environ["PATH"] + ":/sbin:/usr/sbin"), path)
    for pattern in OURS:
        for path in ROOT.glob(pattern):
            if path.suffix != ".d":
                add(root, path, f"/unreach/{path.relative_to(ROOT)}")
    shutil.copytree(ROOT / "tests/vectors", root / "unreach/tests/vectors",
                    ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    (root / "init").symlink_to("unreach/tests/vm/init")
    return archive(root, work / "base")


def archive(root, path):
    """The folder as the kernel unpacks it: a cpio archive."""
    names = "".join(f"{p.relative_to(root)}\n" for p in sorted(root.rglob("*")))
    with open(path, "wb") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet", "-R", "0:0"], cwd=root, input=names.encode(),
                       stdout=out, check=True)
    return path


def with_modules(base, kernel, work):
    """The archive and the kernel's modules behind it: the kernel takes several in a row."""
    root = work / "modules-root/modules"
    root.mkdir(parents=True)
    for module in kernel.modules:
        shutil.copy(module, root)
    whole = work / "initrd"
    whole.write_bytes(base.read_bytes() + archive(root.parent, work / "modules").read_bytes())
    return whole


def machine():
    """qemu's words for the processor: the machine's own where it can run a kernel by itself.

    /dev/kvm alone does not say so. cmpxchg16b is hidden from emulated guests: qemu 7.2 gets its flags
    wrong, and the slab allocator of newer kernels now and then dies of that.
    """
    real = any(Path(f"/sys/module/kvm_{maker}").exists() for maker in ("intel", "amd"))
    if real and os.access("/dev/kvm", os.W_OK):
        return ["-accel", "kvm", "-cpu", "host"]
    return ["-accel", "tcg", "-cpu", "max,cx16=off"]


def boot_once(kernel, base, work, settings, memory):
    """Runs the guest to its end; (what it said of its checks, its console)."""
    console, said = work / "console", work / "said"
    words = ["qemu-system-x86_64", "-M", "q35", *machine(), "-smp", 2,
             "-m", memory, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none",
             "-serial", f"file:{console}", "-serial", f"file:{said}",
             "-kernel", kernel.image, "-initrd", with_modules(base, kernel, work),
             "-append", f"console=ttyS0 quiet panic=-1 oops=panic mitigations=off {settings}"]
    with subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as process:
        running.add(process)
        try:
            _, ended = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            ended = f"the guest was ended after {SECONDS} s\n"
        finally:
            process.kill()
            running.discard(process)

    def text(path):
        return path.read_text(errors="replace").replace("\r", "") if path.exists() else ""

    return text(said), text(console) + ended


def boot(kernel, base, settings, memory=1024):
    """The same in a folder of its own, and how a first time ended in which nothing of ours has run, or "": an
    emulated machine does not always come up. `settings` go on the kernel's command line, `memory` is in MiB."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="unreach-vm-") as work:
        said, console = boot_once(kernel, base, Path(work), settings, memory)
    if said or time.monotonic() - start > SECONDS / 2:
        return said, console, ""
    with tempfile.TemporaryDirectory(prefix="unreach-vm-") as work:
        again = f", booted twice; the first time it ended with: {(console.splitlines() or [''])[-1]}"
        return *boot_once(kernel, base, Path(work), settings, memory), again


def results(said, wanted):
    """[(check, pass|fail|skip, seconds, why)] of what the guest said, and what it did not come to."""
    found = []
    for line in said.splitlines():
        match = re.fullmatch(r"(\S+) (pass|fail|skip) ([\d.]+) ([\d.]+) ?(.*)", line)
        if match:
            name, result, start, end, why = match.groups()
            found.append((name, result, float(end) - float(start), why))
    if said.splitlines()[-1:] != ["end"]:
        found.append(("guest", "fail", 0.0, "it ended before its checks did"))
    never = set(wanted) - {name for name, *_ in found}
    return found + [(name, "fail", 0.0, "never ran") for name in sorted(never)]
