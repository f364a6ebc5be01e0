"""A fresh machine: the root of a Debian release, entered in its own mount namespace, with a copy of the checkout."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bootstrap.process import run

CHECKOUT = Path(__file__).parents[2]
BASES = CHECKOUT / ".cache" / "machines"
INSTALLED = ("ca-certificates", "make", "mount", "passwd", "procps", "python3", "python3-pip", "util-linux")
"""What a machine has to have, and what the tests look at it with; no uv, podman or kubectl."""
HOSTS_OWN = ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt")
LEFT_OUT = (".git", ".tools", ".cache", ".venv", "__pycache__")
"""What a downloaded archive of the checkout does not have."""
USER = "sailor"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LIMIT_SECONDS = 900.0

# pivot_root, because podman asks /proc for what is mounted where; all mounts go with the namespace. The user's network
# needs a tun device that users may open, which hosts with udev have. The new root is shared, as systemd would make it.
ENTER = """\
set -e
root=$1; shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"; mount --rbind /sys "$root/sys"; mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"; mount -t tmpfs tmpfs "$root/tmp"
if [ -e "$root/dev/net/tun" ]; then
    mknod -m 666 "$root/run/tun" c 10 200; mount --bind "$root/run/tun" "$root/dev/net/tun"
fi
mkdir "$root/run/old"; cd "$root"; pivot_root . run/old; cd /; umount -l /run/old
mount --make-rshared /
exec "$@"
"""


@dataclass(frozen=True)
class Machine:
    """One machine, whose files are below `root` and stay between calls; its processes do not."""

    root: Path

    def run(self, *argv: str, user: str = "root", answer: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in its copy of the checkout, as one who has just logged in, and return what it left."""
        home = "/root" if user == "root" else f"/home/{user}"
        given = {**_reach(), "HOME": home, "PATH": PATH}
        settings = [f"{name}={value}" for name, value in given.items()]
        enter = ("unshare", "--mount", "--propagation=private", "sh", "-c", ENTER, "sh", str(self.root))
        login = (
            "env",
            "--ignore-environment",
            "--chdir=/src",
            *settings,
            "setpriv",
            f"--reuid={user}",
            f"--regid={user}",
            "--init-groups",
        )
        return subprocess.run(
            (*enter, *login, *argv),
            input=answer,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_SECONDS,
        )

    def packages(self) -> dict[str, str]:
        """Return what is installed, package to version."""
        listed = self.run("dpkg-query", "--show", "--showformat=${Package} ${Version} ${db:Status-Abbrev}\\n")
        lines = re.findall(r"^(\S+) (\S+) ii", listed.stdout, re.MULTILINE)
        return dict(lines)


def make(release: str, root: Path) -> Machine:
    """Make a machine of a Debian release, with a user besides root who owns the checkout."""
    run(("tar", "--extract", f"--file={_base(release)}", f"--directory={root}", "--exclude=./dev/*"))
    for path in HOSTS_OWN:
        shutil.copy(path, root / path.lstrip("/"))
    shutil.copytree(CHECKOUT, root / "src", symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
    machine = Machine(root)
    machine.run("useradd", "--create-home", USER).check_returncode()
    machine.run("chown", "--recursive", f"{USER}:", "/src").check_returncode()
    return machine


def _reach() -> dict[str, str]:
    """Return how packages are reached from here: the host's proxy and pip's index."""
    return {name: value for name, value in os.environ.items() if re.match("(?i)pip_|.*_proxy$", name)}


def _base(release: str) -> Path:
    base = BASES / f"{release}.tar"
    if not base.exists():
        BASES.mkdir(parents=True, exist_ok=True)
        part = base.with_suffix(".part")
        options = ("--quiet", "--format=tar", "--variant=minbase", f"--include={','.join(INSTALLED)}")
        run(("mmdebstrap", *options, release, str(part)))
        part.rename(base)
    return base
