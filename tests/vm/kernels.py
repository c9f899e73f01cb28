"""Kernels of Debian's suites, each reduced to what a guest boots: the image and a few modules.

They come by apt, signatures checked, into state of its own: the machine's own package lists stay as
they are. What was unpacked once is kept (`cache`) and used again; remove the folder for newer ones.
Knows nothing of what runs in the guest.
"""
import lzma
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

# The archive of security updates stands beside it, with -security behind its name.
MIRROR = os.environ.get("UNREACH_VM_MIRROR", "https://deb.debian.org/debian")
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
META = "linux-image-cloud-amd64"  # drivers of virtual machines only: 10 to 30 MB
MODULES = ("veth",)
SECONDS = 120  # that one apt command may take


class Unavailable(Exception):
    """No kernel can be had; the text says why."""


@dataclass
class Kernel:
    """One suite's: modules are .ko files, named in the order in which they load."""
    release: str
    image: Path
    modules: list


def cache():
    """The folder that kernels are kept in."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("UNREACH_VM_CACHE") or Path(home) / "unreach/kernels")


def look(folder):
    """The kernel that stands in a folder."""
    return Kernel((folder / "release").read_text().strip(), folder / "vmlinuz", sorted(folder.glob("*.ko")))


def get(suite):
    """The suite's kernel, fetched where it isn't cached."""
    folder = cache() / suite
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{suite}-", dir=folder.parent) as work:
            reduce(fetch(suite, Path(work)), Path(work) / "kernel")
            if not folder.exists():  # nobody else was faster
                os.rename(Path(work) / "kernel", folder)
    return look(folder)


def run(command, where, failure=RuntimeError):
    """Its stdout; `failure` is raised where it has none to give."""
    try:
        done = subprocess.run([str(word) for word in command], cwd=where, capture_output=True, text=True,
                              timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise failure(f"{command[0]}: {error}") from error
    if done.returncode:
        why = re.findall(r"^E: (.*)", done.stderr, re.M) or done.stderr.splitlines()[-1:] or ["no word why"]
        raise failure(f"{command[0]} {command[-1]}: {why[0]}")
    return done.stdout


def fetch(suite, work):
    """Unpacks the packages of the suite's newest kernel; the folder."""
    for name in ("lists/partial", "cache/archives/partial", "debs"):
        (work / name).mkdir(parents=True)
    origins = [f"{MIRROR} {suite}"]
    if not suite.endswith("-backports"):
        origins.append(f"{MIRROR}-security {suite}-security")
    (work / "sources").write_text("".join(f"deb [arch=amd64 signed-by={KEYS}] {o} main\n" for o in origins))
    own = []
    for setting in (f"Dir::Etc::SourceList={work}/sources", "Dir::Etc::SourceParts=-",
                    f"Dir::State::Lists={work}/lists", f"Dir::Cache={work}/cache",
                    "APT::Architecture=amd64", "APT::Sandbox::User=root", "Acquire::Languages=none"):
        own += ["-o", setting]
    run(["apt-get", *own, "-qq", "--error-on=any", "update"], work, Unavailable)

    def depends(package, pattern):
        said = run(["apt-cache", *own, "show", "--no-all-versions", package], work)
        words = re.findall(r"[^\s,|(]+", " ".join(re.findall(r"^Depends: (.*)$", said, re.M)))
        return [word for word in words if re.match(pattern, word)]

    images = depends(META, "linux-image-")
    if not images:
        raise Unavailable(f"{suite} has no {META}")
    packages = [images[0], *depends(images[0], "linux-(binary|modules)-")]  # newer ones are in parts
    run(["apt-get", *own, "-qq", "download", *packages], work / "debs", Unavailable)
    for package in (work / "debs").iterdir():
        run(["dpkg-deb", "-x", package, work / "tree"], work)
    return work / "tree"


def reduce(tree, folder):
    """What a guest needs of an unpacked kernel, into `folder`."""
    modules = next(path for path in (tree / "usr/lib/modules", tree / "lib/modules") if path.exists())
    release = os.listdir(modules)[0]
    if modules.parent.parent == tree / "usr":
        (tree / "lib").symlink_to("usr/lib")
    images = (tree / f"boot/vmlinuz-{release}", modules / release / "vmlinuz")
    folder.mkdir()
    shutil.copy(next(path for path in images if path.exists()), folder / "vmlinuz")
    run(["/sbin/depmod", "-b", tree, release], tree)
    said = run(["/sbin/modprobe", "-d", tree, "-S", release, "--show-depends", "-a", *MODULES], tree)
    for number, path in enumerate(re.findall(r"^insmod (\S+)", said, re.M)):
        packed = Path(path).read_bytes()
        name = Path(path).name.removesuffix(".xz")
        (folder / f"{number:02}-{name}").write_bytes(lzma.decompress(packed) if path.endswith(".xz") else packed)
    (folder / "release").write_text(release + "\n")
