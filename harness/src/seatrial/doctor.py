"""What this machine has and lacks for each verb, and the command that mends what it lacks."""

import importlib.util
import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seatrial.cluster import kubeconfig
from seatrial.errors import ClusterError
from seatrial.podman import vulnerabilities
from seatrial.podman.mapping import SYSTEM_PATH

OLDEST_PODMAN = (5, 1)
"""Before, `podman kube down` kills instead of stopping."""
ASK_SECONDS = 30.0
FORBIDS = {
    "user/max_user_namespaces": ("0", "sudo sysctl -w user.max_user_namespaces=28633"),
    "kernel/unprivileged_userns_clone": ("0", "sudo sysctl -w kernel.unprivileged_userns_clone=1"),
    "kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
}
"""Settings of the kernel, the value by which each forbids containers to a normal user, and what allows them."""


@dataclass(frozen=True)
class Need:
    """One thing that verbs need: what there is of it, and, where that does not do, what mends it.

    `optional` is what only some deployments need, or what is only a warning.
    """

    verbs: str
    name: str
    there: str
    mend: str = ""
    optional: bool = False

    @property
    def lacking(self) -> bool:
        """Whether the verbs cannot do without."""
        return bool(self.mend) and not self.optional


def needs() -> Iterator[Need]:
    """Yield what each verb needs, as it is on this machine."""
    yield _kustomize()
    yield from _podman()
    if os.geteuid() != 0:
        yield from _rootless()
    yield _redirection()
    yield _clusters()
    yield _quadlet()


def _kustomize() -> Need:
    found = shutil.which("kustomize") or shutil.which("kubectl")
    mend = "" if found else "install kustomize or kubectl: https://kubectl.docs.kubernetes.io/installation/kustomize/"
    return Need("check, trial, up: Kustomize directories", "kustomize", found or "neither it nor kubectl", mend)


def _podman() -> Iterator[Need]:
    verbs, install = "trial, up", "install podman 5.1 or newer: https://podman.io/docs/installation"
    path = shutil.which("podman")
    if path is None:
        yield Need(verbs, "podman", "none", install)
        return
    asked = subprocess.run(
        (path, "info", "--format=json"), capture_output=True, text=True, timeout=ASK_SECONDS, check=False
    )
    if asked.returncode != 0:
        words = (asked.stderr.strip() or "it printed nothing").splitlines()[-1]
        yield Need(verbs, "podman", f"{path} does not work: {words}", "podman info")
        return
    info = json.loads(asked.stdout)
    version, host = info["version"]["Version"], info["host"]
    numbers = tuple(int(part) for part in version.split("-")[0].split(".")[:2])
    yield Need(verbs, "podman", f"{version} ({path})", install if numbers < OLDEST_PODMAN else "")
    if flaws := vulnerabilities.of(version):
        told = "\n    ".join([f"{len(flaws)} known vulnerabilities", *map(str, flaws)])
        yield Need(verbs, "podman's security", told, "update podman; a distribution may have mended it", optional=True)
    yield Need(verbs, "cgroups", f"{host['cgroupVersion']}, {host['cgroupManager']}")


def _rootless() -> Iterator[Need]:
    verbs, user = "trial, up", pwd.getpwuid(os.getuid()).pw_name
    mapped = all(shutil.which(program) for program in ("newuidmap", "newgidmap"))
    yield Need(
        verbs,
        "newuidmap and newgidmap",
        "there" if mapped else "missing",
        "" if mapped else "sudo apt-get install uidmap (Fedora: sudo dnf install shadow-utils)",
    )
    ranges = all(_names(Path(file), user) for file in ("/etc/subuid", "/etc/subgid"))
    usermod = f"sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}"
    yield Need(verbs, f"ids for containers of {user}", "there" if ranges else "none", "" if ranges else usermod)
    for setting, (forbids, allow) in FORBIDS.items():
        file = Path("/proc/sys") / setting
        if file.is_file() and file.read_text().strip() == forbids:
            yield Need(verbs, "user namespaces", f"{setting.replace('/', '.')} is {forbids}", allow)


def _redirection() -> Need:
    found = shutil.which("nft", path=f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_PATH}")
    mend = "" if found else "sudo apt-get install nftables (Fedora: sudo dnf install nftables)"
    return Need("trial: Services whose port is not their container's", "nft", found or "none", mend, optional=True)


def _clusters() -> Need:
    verbs, name = "trial --runtime cluster", "clusters"
    if importlib.util.find_spec("kr8s") is None:
        return Need(
            verbs, name, "the package's extra is not installed", "pip install 'seatrial[cluster]'", optional=True
        )
    try:
        contexts = kubeconfig.contexts()
    except ClusterError as error:
        return Need(verbs, name, str(error), "kubectl config view", optional=True)
    mend = "" if contexts else "a kubeconfig, in ~/.kube/config or by KUBECONFIG"
    return Need(verbs, name, f"contexts {', '.join(contexts)}" if contexts else "no context", mend, optional=True)


def _quadlet() -> Need:
    there = any(Path(place, "podman-system-generator").exists() for place in GENERATORS)
    mend = "" if there else "the system's own package of podman, 5.1 or newer, on a machine with systemd"
    return Need("server", "systemd's Quadlet", "there" if there else "none", mend, optional=True)


GENERATORS = ("/usr/lib/systemd/system-generators", "/usr/local/lib/systemd/system-generators")


def _names(file: Path, user: str) -> bool:
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return False
    return any(line.partition(":")[0] in (user, str(os.getuid())) for line in lines)
