"""What apt offers, and Debian 12's loan of podman from Debian 13: a source beside its own, same mirror, pinned low."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bootstrap.errors import BootstrapError
from bootstrap.process import output_of
from bootstrap.version import Version, parse

OWN, LENDER = "bookworm", "trixie"
SOURCE_FILE = "/etc/apt/sources.list.d/seatrial-trixie.sources"
PIN_FILE = "/etc/apt/preferences.d/seatrial-trixie"
# Below 500, so that nothing moves to the lender's release but what is asked for, and what that needs.
PIN = f"Package: *\nPin: release n={LENDER}\nPin-Priority: 100\n"


def offers(*packages: str) -> dict[str, Version]:
    """Return package to version as far as apt's lists, which a fresh machine does not have, know them."""
    return parse_policy(output_of("apt-cache", "policy", *packages) or "")


def parse_policy(text: str) -> dict[str, Version]:
    """Return package to candidate version from what `apt-cache policy` prints."""
    candidates = re.findall(r"^(\S+):\n  Installed: .*\n  Candidate: (.*)$", text, re.MULTILINE)
    versions = ((package, parse(candidate)) for package, candidate in candidates)
    return {package: version for package, version in versions if version}


@dataclass(frozen=True)
class Source:
    """One package source: where it is, which suites of it are used, and what its signature is checked against."""

    uri: str
    suites: tuple[str, ...]
    signed_by: str | None = None


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


def read_sources(directory: Path = Path("/etc/apt")) -> tuple[Source, ...]:
    """Return every source that the machine has."""
    lists = [directory / "sources.list", *sorted(directory.glob("sources.list.d/*.list"))]
    found = [source for path in lists if path.is_file() for source in parse_one_line(path.read_text())]
    for path in sorted(directory.glob("sources.list.d/*.sources")):
        found.extend(parse_deb822(path.read_text()))
    return tuple(found)


def loan(sources: Iterable[Source]) -> dict[str, str]:
    """Return the files, path to content, by which apt also knows the lender's release; none if it does already."""
    known = tuple(sources)
    if any(LENDER in source.suites for source in known):
        return {}
    own = next((source for source in known if OWN in source.suites), None)
    if own is None:
        raise BootstrapError(
            f"no source for Debian's {OWN} under /etc/apt; add one for {LENDER} by hand, then try again"
        )
    signed_by = f"Signed-By: {own.signed_by}\n" if own.signed_by else ""
    source = f"Types: deb\nURIs: {own.uri}\nSuites: {LENDER}\nComponents: main\n{signed_by}"
    return {SOURCE_FILE: source, PIN_FILE: PIN}
