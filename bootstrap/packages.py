"""What a machine lacks, and which of its own packages would bring it: decisions only, nothing is done here."""

from collections.abc import Mapping
from enum import Enum

from bootstrap.changes import Changes, listing
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
        "mmdebstrap": ("mmdebstrap",),
        "chromium": ("chromium",),
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
"""By package manager and need. What is not here for apt is a loan alone (LOANS): no package, and no service of one."""
EXTRAS = ("mmdebstrap", "wrk", "chromium", "promtool")
"""What only some need: for stand-ins of base images, for `make bench`, for tests that are skipped without it."""


class Way(Enum):
    """How a machine gets what it lacks."""

    SYSTEM = "by the system's packages"
    LOAN = "into the checkout"


def missing(host: Host) -> dict[str, str]:
    """Return what the machine lacks, each with why; empty when it has it all."""
    lacks: dict[str, str] = {}
    if "podman" not in host.loans:
        if host.podman is None:
            lacks["podman"] = f"podman >= {show(PODMAN_FLOOR)}"
        elif host.podman < PODMAN_FLOOR:
            lacks["podman"] = f"podman >= {show(PODMAN_FLOOR)}: found {show(host.podman)}, but {PODMAN_FLOOR_REASON}"
        if not host.unified_cgroups and not host.runc:
            lacks["runc"] = "runc: crun, podman's first choice, refuses this machine's cgroups (v1 or hybrid)"
    if host.renderer is None and "kustomize" not in host.loans:
        lacks["kustomize"] = "kustomize, or kubectl which contains it"
    return lacks


def borrows_podman(host: Host) -> bool:
    """Tell whether the podman in use is the checkout's: it is there, and the system's alone would not do."""
    return "podman" in host.loans and bool(missing(host.without_loans()).keys() & {"podman", "runc"})


def way(host: Host, need: str, changes: Changes | None, *, lendable: bool) -> Way:
    """Return how a need is met, given what the system's own installation would change (None: it has no such package).

    Raises BootstrapError, with the list, when nothing is left but to change what the system has.
    """
    packages = PACKAGES.get(host.package_manager or "", {}).get(need)
    adds = packages and changes is not None and not changes.others and _fits(need, changes)
    # The system keeps up to date what it has; but what only some need is not worth a package of it.
    if adds and host.root and not (lendable and need in EXTRAS):
        return Way.SYSTEM
    if lendable:
        return Way.LOAN
    if packages is None:
        raise BootstrapError(
            f"{host.name}: how to install {need} here is not known (apt-get and dnf are); "
            f"install it by hand ({INSTRUCTIONS}), then try again"
        )
    if changes is None:
        raise BootstrapError(f"{host.name} has no package of {need} ({', '.join(packages)}): install it by hand")
    if changes.others:
        raise BootstrapError(
            f"{need} is not installed, since that would change what this system has: {'; '.join(changes.others)}. "
            f"Do so by hand, if you want that: {' '.join(install_command(host, packages))}"
        )
    if not _fits(need, changes):
        raise BootstrapError(
            f"podman >= {show(PODMAN_FLOOR)} is needed, but {host.name} has an older one or none, and "
            f"{PODMAN_FLOOR_REASON}. Install one beside the system's ({INSTRUCTIONS}), then try again"
        )
    raise BootstrapError(
        f"{need} is to be installed by root: run this, then try again. It adds {changes.total()}:\n"
        f"{listing(changes.added)}\n\n  sudo {' '.join(install_command(host, packages))}\n"
    )


def _fits(need: str, changes: Changes) -> bool:
    if need != "podman":
        return bool(changes.added)
    version = changes.version_of("podman")
    return version is not None and version >= PODMAN_FLOOR


def install_command(host: Host, packages: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command by which root installs packages."""
    if host.package_manager == "dnf":
        return ("dnf", "install", "--assumeyes", *packages)
    return ("apt-get", "install", "--no-install-recommends", *packages)
