"""Programs that the checkout takes out of Debian 13's packages, where the machine's own will not do."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bootstrap import sources
from bootstrap.apt import Apt, unpack
from bootstrap.changes import Changes
from bootstrap.errors import BootstrapError
from bootstrap.process import say
from bootstrap.sources import KEYRING, Source
from bootstrap.tree import Recipe, Tree

PODMAN = Recipe(
    "podman",
    # runc and not crun, because it takes every kind of cgroups.
    ("podman", "netavark", "aardvark-dns", "conmon", "runc", "catatonit", "passt", "nftables", "patchelf"),
    (
        "usr/bin/podman",
        "usr/bin/conmon",
        "usr/bin/catatonit",
        "usr/bin/passt*",
        "usr/bin/pasta*",
        "usr/sbin/runc",
        "usr/sbin/nft",
        "usr/lib/podman/netavark",
        "usr/lib/podman/aardvark-dns",
        "usr/libexec/podman/rootlessport",
        "usr/share/containers/seccomp.json",
        "etc/containers/policy.json",
    ),
)
LOANS: Mapping[str, Recipe] = {
    "podman": PODMAN,
    "kustomize": Recipe("kustomize", ("kustomize", "patchelf"), ("usr/bin/kustomize",)),
    "promtool": Recipe("promtool", ("promtool", "patchelf"), ("usr/bin/promtool",)),
    "wrk": Recipe("wrk", ("wrk", "patchelf"), ("usr/bin/wrk",)),
    # Scripts; perl-base alone, which every Debian has, is not enough for the first.
    "mmdebstrap": Recipe(
        "mmdebstrap",
        ("mmdebstrap",),
        ("usr/bin/mmdebstrap", "usr/bin/mmtarfilter"),
        alone=True,
        needs=("perl", "-MEnglish", "-e1"),
    ),
    "pip": Recipe("pip", ("python3-pip",), ("usr/lib/python3/dist-packages/pip/**/*",), alone=True),
}


@dataclass(frozen=True)
class Lender:
    """Debian 13's packages, fetched into `directory` by apt, which verifies them."""

    directory: Path
    sources: tuple[Source, ...]

    @classmethod
    def of(cls, directory: Path, own: tuple[Source, ...]) -> "Lender":
        """Return the lender for a machine with these sources of its own."""
        found = sources.lender(own)
        return cls(directory, found or _elsewhere(directory))

    def offer(self, recipe: Recipe) -> Changes:
        """Return the packages that a recipe would fetch."""
        apt = self._apt(recipe)
        apt.update()
        found = apt.simulate(recipe.packages)
        if found is None:
            raise BootstrapError(f"Debian's {sources.LENDER} does not have {', '.join(recipe.packages)}")
        if recipe.alone:
            return Changes(tuple(package for package in found.added if package.name in recipe.packages))
        return found

    def bring(self, tree: Tree, offer: Changes) -> None:
        """Fetch the packages of a tree and make it."""
        apt, recipe = self._apt(tree.recipe), tree.recipe
        archives = apt.download_alone(recipe.packages) if recipe.alone else apt.download(recipe.packages)
        tree.make(archives, {package.name: package.version for package in offer.added})
        for archive in archives:
            archive.unlink()

    def _apt(self, recipe: Recipe) -> Apt:
        return Apt(self.directory / "lender", self.sources, archives=self.directory / recipe.name)


def _elsewhere(directory: Path) -> tuple[Source, ...]:
    """Return Debian's sources as another distribution's archive knows them: it has Debian's keys, and its mirror."""
    say("reading from this system's own archive where Debian's is, and its keys")
    apt = Apt(directory / "system", archives=directory / "debian")
    apt.update()
    known = directory / "debian" / "unpacked"
    packages = ("debootstrap",) if KEYRING.is_file() else ("debootstrap", "debian-archive-keyring")
    for archive in apt.download_alone(packages):
        unpack(archive, known)
    keyring = KEYRING if KEYRING.is_file() else known / KEYRING.relative_to("/")
    script = (known / "usr/sbin/debootstrap").read_text(encoding="utf-8")
    found = sources.lender_elsewhere(script, str(keyring))
    if found is None:
        raise BootstrapError("this system's package debootstrap does not name Debian's mirror (DEF_MIRROR)")
    return found
