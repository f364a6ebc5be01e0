"""apt with lists and a cache of its own: it never writes to the machine's, and needs no root but to install."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bootstrap import changes
from bootstrap.changes import Changes
from bootstrap.process import probe, run, run_to_its_end
from bootstrap.sources import Source

RESOLVE_SECONDS = 120.0


@dataclass(frozen=True)
class Apt:
    """One view of packages: of the machine's sources and what it has installed, or of `sources` alone on bare ground.

    Signatures are verified by apt in either.
    """

    directory: Path
    sources: Sequence[Source] | None = None
    archives: Path | None = None
    """Where packages are fetched to: `archives` in `directory`, unless given."""

    def update(self) -> None:
        """Fetch the lists of packages."""
        (self.directory / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        if self.sources is not None:
            architecture = probe("dpkg", "--print-architecture").stdout.strip()
            text = "\n".join(source.as_deb822(architecture) for source in self.sources)
            (self.directory / "lender.sources").write_text(text, encoding="utf-8")
            (self.directory / "status").touch()
        # Of the machine's own sources, any may be out of order; of the lender's, none may be missing.
        strict = () if self.sources is None else ("--option=APT::Update::Error-Mode=any",)
        run(("apt-get", *self._options(), *strict, "--quiet=2", "update"))

    def simulate(self, packages: Iterable[str]) -> Changes | None:
        """Return what installing packages would change; None when they cannot be had."""
        done = probe(*self._install("--simulate"), *packages, limit_seconds=RESOLVE_SECONDS)
        if done.returncode != 0:
            return None
        names = changes.of_apt(done.stdout, {})
        return changes.of_apt(done.stdout, self._sizes(f"{one.name}={one.version}" for one in names.added))

    def install(self, packages: Iterable[str]) -> None:
        """Install packages on this machine, as root; apt itself refuses to remove or downgrade any."""
        (self._archives / "partial").mkdir(parents=True, exist_ok=True)
        run_to_its_end((*self._install("--yes", "--no-remove"), *packages))

    def download(self, packages: Iterable[str]) -> list[Path]:
        """Fetch packages with all that they depend on, and return the files."""
        (self._archives / "partial").mkdir(parents=True, exist_ok=True)
        run((*self._install("--yes", "--download-only"), *packages))
        return sorted(self._archives.glob("*.deb"))

    def download_alone(self, packages: Sequence[str]) -> list[Path]:
        """Fetch packages without what they depend on, and return the files."""
        self._archives.mkdir(parents=True, exist_ok=True)
        run(("apt-get", *self._options(), "--quiet=2", "download", *packages), cwd=self._archives)
        return sorted(self._archives.glob("*.deb"))

    @property
    def _archives(self) -> Path:
        return self.archives or self.directory / "archives"

    def _install(self, *options: str) -> tuple[str, ...]:
        return ("apt-get", *self._options(), "--quiet=2", *options, "--no-install-recommends", "install")

    def _sizes(self, packages: Iterable[str]) -> dict[str, int]:
        shown = probe("apt-cache", *self._options(), "show", "--no-all-versions", *packages).stdout
        stanzas = shown.split("\n\n")
        found = (re.search(r"^Package: (\S+)$.*^Size: (\d+)$", each, re.MULTILINE | re.DOTALL) for each in stanzas)
        return {size[1]: int(size[2]) for size in found if size}

    def _options(self) -> tuple[str, ...]:
        directory = self.directory
        settings = [
            f"Dir::State::Lists={directory}/lists",
            f"Dir::Cache={directory}",
            f"Dir::Cache::Archives={self._archives}",
            "Dir::Cache::pkgcache=",
            "Dir::Cache::srcpkgcache=",
            "Acquire::Languages=none",
            "Acquire::GzipIndexes=true",
            # Images of containers have hooks that empty the cache; these would empty ours.
            "APT::Keep-Downloaded-Packages=true",
            # apt's own user may not enter everybody's home directory.
            "APT::Sandbox::User=root",
        ]
        if self.sources is not None:
            settings += [
                f"Dir::Etc::SourceList={directory}/lender.sources",
                "Dir::Etc::SourceParts=/dev/null",
                "Dir::Etc::Preferences=/dev/null",
                "Dir::Etc::PreferencesParts=/dev/null",
                f"Dir::State::Status={directory}/status",
            ]
        return tuple(f"--option={setting}" for setting in settings)


def unpack(archive: Path, into: Path) -> None:
    """Unpack a package's files into a directory."""
    into.mkdir(parents=True, exist_ok=True)
    run(("dpkg-deb", "--extract", str(archive), str(into)))
