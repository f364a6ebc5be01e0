"""Bringing what a machine lacks: simulated, shown by name and size, and done unless only a check was asked for."""

from dataclasses import dataclass, field
from pathlib import Path

from bootstrap import dnf, sources, tools
from bootstrap.apt import Apt
from bootstrap.changes import Changes, listing
from bootstrap.errors import BootstrapError
from bootstrap.host import Host
from bootstrap.loans import LOANS, Lender
from bootstrap.packages import EXTRAS, PACKAGES, Way, way
from bootstrap.process import output_of, say
from bootstrap.tree import Recipe

LENT_WITH = {"runc": "podman"}
"""A need that another program's tree meets."""


@dataclass
class Bringer:
    """Brings one need after another; lists and packages are fetched into `directory`."""

    host: Host
    directory: Path
    check: bool
    _apt: Apt | None = field(default=None, init=False)
    _lender: Lender | None = field(default=None, init=False)

    def bring(self, need: str) -> None:
        """Bring what meets one need; raises BootstrapError when only root can, or nothing does."""
        lent = LENT_WITH.get(need, need)
        lendable = lent in LOANS and self.host.package_manager == "apt-get" and _runs(LOANS[lent])
        # Only what decides is asked for: the lists of a system's packages take seconds to fetch.
        asked = not lendable or (self.host.root and need not in EXTRAS)
        changes = self._system_changes(need) if asked else None
        if way(self.host, need, changes, lendable=lendable) is Way.LOAN:
            self._borrow(lent)
        elif changes:
            self._install(need, changes)

    def _system_changes(self, need: str) -> Changes | None:
        packages = PACKAGES.get(self.host.package_manager or "", {}).get(need)
        if packages is None:
            return None
        if self.host.package_manager == "dnf":
            return dnf.simulate(packages)
        return self._system_apt().simulate(packages)

    def _system_apt(self) -> Apt:
        if self._apt is None:
            self._apt = Apt(self.directory / "system")
            say("reading what this system's package sources offer")
            self._apt.update()
        return self._apt

    def _install(self, need: str, changes: Changes) -> None:
        packages = PACKAGES[self.host.package_manager or ""][need]
        say(f"to be added to the system for {need}, which changes nothing that is there: {changes.total()}")
        say(listing(changes.added))
        if self.check:
            return
        if self.host.package_manager == "dnf":
            dnf.install(packages)
        else:
            self._system_apt().install(packages)

    def _borrow(self, name: str) -> None:
        tree = tools.tree(name)
        if tree.moved():
            say(f"{tree.root} was made for another path, before the checkout was moved: to be made to run from here")
            if not self.check:
                tree.move()
            return
        if self._lender is None:
            self._lender = Lender.of(self.directory, sources.read())
        offer = self._lender.offer(tree.recipe)
        say(f"to be unpacked into {tree.root}, which adds nothing to the system: {offer.total()} (Debian's)")
        say(listing(offer.added))
        if self.check:
            return
        self._lender.bring(tree, offer)
        if not tree.intact():
            raise BootstrapError(f"{tree.root} is not as it was made; is something else at work in it?")


def _runs(recipe: Recipe) -> bool:
    return not recipe.needs or output_of(*recipe.needs) is not None
