"""Where apt gets packages from: the machine's own sources, read, and Debian 13's, derived from them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

LENDER = "trixie"
"""Debian 13, the release whose packages are unpacked in the checkout where the machine's own will not do."""
DEBIAN_SUITES = {"bookworm", LENDER, "forky", "sid", "oldstable", "stable", "testing", "unstable"}
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True)
class Source:
    """One package source: where it is, which suites of it are used, and what its signature is checked against."""

    uri: str
    suites: tuple[str, ...]
    signed_by: str | None = None

    def as_deb822(self, architecture: str) -> str:
        """Return the source as a stanza of a `.sources` file, for one architecture (`deb822` in sources.list(5))."""
        signed_by = f"Signed-By: {self.signed_by}\n" if self.signed_by else ""
        return (
            f"Types: deb\nURIs: {self.uri}\nSuites: {' '.join(self.suites)}\nComponents: main\n"
            f"Architectures: {architecture}\n{signed_by}"
        )


def read(directory: Path = Path("/etc/apt")) -> tuple[Source, ...]:
    """Return every source that the machine has."""
    lists = [directory / "sources.list", *sorted(directory.glob("sources.list.d/*.list"))]
    found = [source for path in lists if path.is_file() for source in parse_one_line(path.read_text())]
    for path in sorted(directory.glob("sources.list.d/*.sources")):
        found.extend(parse_deb822(path.read_text()))
    return tuple(found)


def parse_one_line(text: str) -> Iterator[Source]:
    """Yield the sources of a `.list` file: `deb [options] uri suite component...` (sources.list(5))."""
    for line in text.splitlines():
        kind, _, rest = line.partition("#")[0].strip().partition(" ")
        if kind != "deb":
            continue
        options = ""
        if rest.lstrip().startswith("["):
            options, _, rest = rest.lstrip()[1:].partition("]")
        signed_by = next((o.partition("=")[2] for o in options.split() if o.lower().startswith("signed-by=")), None)
        uri, suite, *_ = (*rest.split(), "", "")
        yield Source(uri, (suite,), signed_by)


def parse_deb822(text: str) -> Iterator[Source]:
    """Yield the sources of a `.sources` file; a key that is embedded in Signed-By stays as it is written."""
    for stanza in "\n".join(line for line in text.splitlines() if not line.startswith("#")).split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in stanza.splitlines():
            if line[:1].isspace():
                fields[name] = f"{fields.get(name, '')}\n{line}"
            else:
                name, _, value = line.partition(":")
                name = name.lower()
                fields[name] = value.strip()
        if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes").lower() != "no":
            uri = next(iter(fields.get("uris", "").split()), "")
            yield Source(uri, tuple(fields.get("suites", "").split()), fields.get("signed-by"))


def lender(own: Iterable[Source]) -> tuple[Source, Source] | None:
    """Return Debian 13's source and its security updates' on the mirrors of a Debian machine; None on another."""
    known = tuple(own)
    debian = _first(known, DEBIAN_SUITES)
    if debian is None:
        return None
    security = _first(known, {f"{suite}-security" for suite in DEBIAN_SUITES})
    return (
        Source(debian.uri, (LENDER,), debian.signed_by),
        Source(security.uri, (f"{LENDER}-security",), security.signed_by) if security else _security_beside(debian),
    )


def lender_elsewhere(debootstrap: str, keyring: str) -> tuple[Source, Source] | None:
    """Return them for a machine that is no Debian, from what its own archive says of Debian.

    `debootstrap` is the text of that program, which names Debian's mirror; `keyring` is the path of Debian's keys.
    """
    mirror = re.search(r"^DEF_MIRROR=[\"']?([^\"'\s]+)", debootstrap, re.MULTILINE)
    if mirror is None:
        return None
    debian = Source(mirror[1], (LENDER,), keyring)
    return debian, _security_beside(debian)


def _first(sources: Iterable[Source], suites: set[str]) -> Source | None:
    return next((source for source in sources if suites & set(source.suites)), None)


def _security_beside(debian: Source) -> Source:
    return Source(f"{debian.uri.rstrip('/')}-security", (f"{LENDER}-security",), debian.signed_by)
