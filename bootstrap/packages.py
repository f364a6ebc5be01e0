"""Which system packages a machine still needs, and how it gets them: decisions only, nothing is done here."""

import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from bootstrap.apt import LENDER, Source, loan
from bootstrap.errors import BootstrapError
from bootstrap.host import Host
from bootstrap.version import Version, show

PODMAN_FLOOR: Version = (5, 1)
PODMAN_FLOOR_REASON = (
    "before 5.1 `podman kube down` and `kube play --replace` stop containers by SIGKILL and a failed liveness probe "
    "restarts nothing, and 4.3 hands Secrets over still encoded"
)
INSTRUCTIONS = "https://podman.io/docs/installation"

# With --no-install-recommends, because podman's bring systemd's user session and more. But these it cannot do without:
# a network and names in it, catatonit for a pod's pause container, passt and uidmap for a normal user's containers.
APT_PODMAN = ("podman", "netavark", "aardvark-dns", "nftables", "catatonit", "passt", "uidmap")

PACKAGES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "apt-get": {
        "podman": APT_PODMAN,
        "runc": ("runc",),
        "kustomize": ("kustomize",),
        "pip": ("python3-pip",),
        "mmdebstrap": ("mmdebstrap",),
        "wrk": ("wrk",),
        "chromium": ("chromium",),
        "promtool": ("prometheus",),
    },
    "dnf": {
        "podman": ("podman",),
        "runc": ("runc",),
        # kubectl's path, because Fedora has its version in the package's name.
        "kustomize": ("/usr/bin/kubectl",),
        "pip": ("python3-pip",),
        "wrk": ("wrk",),
    },
}
EXTRAS = ("mmdebstrap", "wrk", "chromium", "promtool")
"""What only some need: for stand-ins of base images, for `make bench`, for tests that are skipped without it."""
BORROWED = {"podman", "runc", "kustomize"}


@dataclass(frozen=True)
class Plan:
    """What root has to do: write `files` (path to content), then run `commands`."""

    commands: tuple[tuple[str, ...], ...]
    files: Mapping[str, str] = field(default_factory=dict)

    def as_shell(self) -> str:
        """Return the plan as lines that a user with sudo can paste."""
        writes = [f"sudo tee {path} <<'END'\n{content}END" for path, content in self.files.items()]
        return "\n".join([*writes, *(f"sudo {shlex.join(command)}" for command in self.commands)])


def missing(host: Host) -> dict[str, str]:
    """Return what system packages have to bring, each with why; empty when the machine has it all."""
    lacks: dict[str, str] = {}
    if host.podman is None:
        lacks["podman"] = f"podman >= {show(PODMAN_FLOOR)}"
    elif host.podman < PODMAN_FLOOR:
        lacks["podman"] = f"podman >= {show(PODMAN_FLOOR)}: found {show(host.podman)}, but {PODMAN_FLOOR_REASON}"
    if not host.unified_cgroups and not host.runc:
        lacks["runc"] = "runc: crun, podman's first choice, refuses this machine's cgroups (v1 or hybrid)"
    if host.renderer is None:
        lacks["kustomize"] = "kustomize, or kubectl which contains it"
    if host.uv is None and not host.pip:
        lacks["pip"] = "pip for the system's Python, to install uv"
    return lacks


def borrows(host: Host) -> bool:
    """Tell whether this is a Debian 12: its own podman is too old, and Debian 13's fits beside it."""
    return (host.distribution, host.release) == ("debian", "12")


def plan(
    host: Host, lacks: Collection[str], *, sources: Iterable[Source] = (), offers: Mapping[str, Version] | None = None
) -> Plan:
    """Return how root brings what the machine lacks, given apt's sources and what they offer as far as that is known.

    Raises BootstrapError when its package manager cannot bring it.
    """
    packages = PACKAGES.get(host.package_manager or "", {})
    unknown = [need for need in lacks if need not in packages]
    if unknown:
        raise BootstrapError(
            f"{host.name}: how to install {', '.join(unknown)} here is not known (apt-get and dnf are); "
            f"install them by hand ({INSTRUCTIONS}), then try again"
        )
    if host.package_manager == "dnf":
        return Plan((("dnf", "install", "--assumeyes", *(name for need in lacks for name in packages[need])),))
    borrowed = [name for need in lacks for name in packages[need] if need in BORROWED and borrows(host)]
    own = [name for need in lacks for name in packages[need] if name not in borrowed]
    if not borrows(host):
        _refuse_old(host, lacks, offers or {})
    install = ("apt-get", "install", "--yes", "--no-install-recommends")
    commands: list[tuple[str, ...]] = [("apt-get", "update")]
    if borrowed:
        commands.append((*install, "--target-release", LENDER, *borrowed))
    if own:
        commands.append((*install, *own))
    return Plan(tuple(commands), loan(sources) if borrowed else {})


def _refuse_old(host: Host, lacks: Collection[str], offers: Mapping[str, Version]) -> None:
    podman = offers.get("podman")
    if "podman" in lacks and podman is not None and podman < PODMAN_FLOOR:
        raise BootstrapError(
            f"podman >= {show(PODMAN_FLOOR)} is needed, but {host.name} has only {show(podman)}, and "
            f"{PODMAN_FLOOR_REASON}. Debian 13, Ubuntu 25.04, Fedora 41 and later have a new enough one; "
            f"or install one beside the system's ({INSTRUCTIONS}), then try again"
        )
    if "kustomize" in lacks and offers and "kustomize" not in offers:
        raise BootstrapError(
            f"kustomize is needed, or kubectl which contains it, but {host.name} has no package of it: install either "
            "by hand (https://kubernetes.io/docs/tasks/tools/), then try again"
        )
