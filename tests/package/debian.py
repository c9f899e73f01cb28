"""A new Debian of the least size, from the mirror that this machine itself is installed from. Knows nothing of
what is tried in it; all that runs in it ends with the process that asked for it."""
import os
import shutil
import subprocess

ALONE = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]


def mirror():
    """(address, release) of what this machine itself is installed from; None where apt doesn't say."""
    with open("/etc/os-release", encoding="utf-8") as text:
        named = dict(line.rstrip().split("=", 1) for line in text if "=" in line)
    told = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
                           "Created-By: Packages"], capture_output=True, text=True, timeout=60, check=False)
    for line in told.stdout.splitlines():
        address, release, component = line.split()
        if (release, component) == (named.get("VERSION_CODENAME"), "main"):
            return address, release
    return None


def missing():
    """Why there can be none, or None."""
    if os.geteuid() or not shutil.which("debootstrap"):
        return "a new system takes root and debootstrap"
    return None if mirror() else "apt does not say which mirror this machine is installed from"


def make(folder):
    """Fills the empty folder; why that failed, or None."""
    address, release = mirror()
    made = subprocess.run([*ALONE, "--mount-proc", "debootstrap", "--variant=minbase", release, folder, address],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, check=False)
    return f"debootstrap: {made.stdout.splitlines()[-1]}" if made.returncode else None


def inside(folder, *words):
    """Runs it in the new system, with this machine's network."""
    done = subprocess.run([*ALONE, f"--mount-proc={folder}/proc", "chroot", folder, *words], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=400, check=False,
                          env={**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
                               "DEBIAN_FRONTEND": "noninteractive"})
    assert done.returncode == 0, done.stdout
    return done.stdout


def install(folder, *names):
    inside(folder, "apt-get", "-qq", "--no-install-recommends", "install", *names)


def install_needs(folder, package):
    """What the .deb depends on, by its own word, without itself."""
    shutil.copy(package, f"{folder}/tmp/new.deb")
    plan = inside(folder, "apt-get", "--simulate", "--no-install-recommends", "install", "/tmp/new.deb")
    os.unlink(f"{folder}/tmp/new.deb")
    needed = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    install(folder, *[name for name in needed if name != "unreach"])
