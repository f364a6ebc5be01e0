"""dnf: what an installation would change, and doing it."""

from collections.abc import Iterable

from bootstrap.changes import Changes, of_dnf
from bootstrap.process import probe, run_to_its_end

RESOLVE_SECONDS = 300.0
"""dnf fetches its lists first when they are old."""


def simulate(packages: Iterable[str]) -> Changes | None:
    """Return what installing packages would change; None when they cannot be had."""
    # It exits 1 in either case: because it was answered no, or because there is no such package.
    changes = of_dnf(probe("dnf", "install", "--assumeno", *packages, limit_seconds=RESOLVE_SECONDS).stdout)
    return changes if changes.added or changes.others else None


def install(packages: Iterable[str]) -> None:
    """Install packages on this machine, as root."""
    run_to_its_end(("dnf", "install", "--assumeyes", *packages))
