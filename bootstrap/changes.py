"""What an installation would do to a system, read from a simulation; only adding new packages is taken."""

import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bootstrap.version import Version, parse

MEGABYTE = 10**6


@dataclass(frozen=True)
class Package:
    """A package that would be added; `size` is of the file that is fetched, in bytes, None where that is not known."""

    name: str
    version: str
    size: int | None = None

    def __str__(self) -> str:
        """Return its name, version and size as people read them."""
        size = "" if self.size is None else f" {max(self.size / MEGABYTE, 0.1):.1f} MB"
        return f"{self.name} {self.version}{size}"


@dataclass(frozen=True)
class Changes:
    """What an installation adds, and whatever else it does, each with its verb ("upgrade libc6 (2.36 to 2.41)")."""

    added: tuple[Package, ...]
    others: tuple[str, ...] = ()

    def version_of(self, name: str) -> Version | None:
        """Return the version of a package that is added, None of one that is not."""
        return next((parse(package.version) for package in self.added if package.name == name), None)

    def total(self) -> str:
        """Return how many packages are added, and how much is fetched."""
        fetched = sum(package.size or 0 for package in self.added) / MEGABYTE
        return f"{len(self.added)} package{'s' * (len(self.added) != 1)}, {fetched:.1f} MB to fetch"


def of_apt(simulation: str, sizes: Mapping[str, int]) -> Changes:
    """Read `apt-get --simulate`: a line is `Inst name [old] (new origin [arch])`, and `[old]` only for what is there.

    `sizes` has bytes by package name.
    """
    added, others = [], []
    for verb, name, old, new in re.findall(
        r"^(Inst|Remv|Purg) (\S+)(?: \[([^\]]*)\])?(?: \((\S+))?", simulation, re.MULTILINE
    ):
        if verb != "Inst":
            others.append(f"remove {name} ({old})")
        elif old:
            others.append(f"replace {name} ({old} by {new})")
        else:
            added.append(Package(name, new, sizes.get(name)))
    return Changes(tuple(added), tuple(others))


DNF_ADDS = ("Installing", "Installing dependencies", "Installing weak dependencies", "Installing groups")


def of_dnf(simulation: str) -> Changes:
    """Read `dnf install --assumeno`: a table of packages under headings such as `Installing dependencies:`."""
    added, others, heading = [], [], ""
    for line in simulation.splitlines():
        if section := re.match(r"^([A-Z][a-z]+(?: [a-z]+)*):$", line):
            heading = section[1]
        elif heading and (row := re.match(r"^ (\S+)\s+\S+\s+(\S+)(?:\s+\S+\s+([\d.]+) ([kKMG]?i?B?))?", line)):
            name, version, number, unit = row.groups()
            if heading in DNF_ADDS:
                added.append(Package(name, version, _bytes(number, unit) if number else None))
            else:
                others.append(f"{heading.lower()} {name} ({version})")
        elif line.startswith("Transaction Summary"):
            break
    return Changes(tuple(added), tuple(others))


def _bytes(number: str, unit: str) -> int:
    return int(float(number) * 1024.0 ** "BKMG".index(unit[:1].upper() or "B"))


def listing(packages: Iterable[Package]) -> str:
    """Return packages as lines to show, the largest first."""
    texts = (str(package) for package in sorted(packages, key=lambda package: -(package.size or 0)))
    # No name is broken in two, nor its size left for the next line.
    lines = textwrap.wrap(", ".join(text.replace(" ", "\xa0") for text in texts), 110, break_on_hyphens=False)
    return "\n".join(f"  {line}" for line in lines).replace("\xa0", " ")
