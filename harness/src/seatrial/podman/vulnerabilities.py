"""Which known vulnerabilities a podman has, as far as its version tells.

Taken from the sections "Security" of podman's release notes up to 6.1.2, and its advisories, on 2026-12-01; those of
`podman machine` and of Windows are left out, as are releases below 5.1, which are refused. A distribution may have
mended one without another version: Debian's tracker and the like know.
"""

import re
from dataclasses import dataclass

SOURCE = "https://github.com/podman-container-tools/podman/blob/main/RELEASE_NOTES.md"

Version = tuple[int, ...]


@dataclass(frozen=True)
class Vulnerability:
    """A vulnerability by its CVE id, what it lets happen, and the first release of each line that has it mended."""

    cve: str
    allows: str
    mended: tuple[Version, ...]

    def __str__(self) -> str:
        """Return a line for people."""
        versions = ", ".join(".".join(map(str, version)) for version in self.mended)
        return f"{self.cve}: {self.allows} (mended in {versions})"

    def affects(self, version: Version) -> bool:
        """Return whether a release has it: it is older than what mends its line, and than every later line."""
        same_line = any(mended[0] == version[0] and version >= mended for mended in self.mended)
        return not same_line and version < max(self.mended)


KNOWN = (
    Vulnerability("CVE-2024-9341", "an image mounts directories of the host, on a FIPS system", ((5, 2, 4),)),
    Vulnerability("CVE-2024-9407", "a build reads and writes the host's files (RUN --mount)", ((5, 2, 4),)),
    Vulnerability("CVE-2024-9675", "a build reads and writes the host's files (--mount type=cache)", ((5, 2, 5),)),
    Vulnerability("CVE-2024-9676", "an image makes podman wait for ever, or fill its memory", ((5, 2, 5),)),
    Vulnerability("CVE-2024-11218", "a build reads and writes the host's files (builds at once)", ((5, 3, 2),)),
    Vulnerability("CVE-2025-9566", "`kube play` of foreign YAML overwrites files of the host", ((5, 6, 1),)),
    Vulnerability("CVE-2026-55686", "an image's WORKDIR makes directories on the host", ((5, 7, 1),)),
    Vulnerability("CVE-2026-44517", "a build copies files from outside its context", ((5, 8, 3), (6, 0, 0))),
    Vulnerability("CVE-2026-57231", "an image reads the environment of who runs it", ((5, 8, 4), (6, 0, 0))),
    Vulnerability("CVE-2026-17106", "an archive writes outside of the directory it is unpacked to", ((6, 1, 1),)),
    Vulnerability("CVE-2025-11395", "`podman load` and `volume import` overwrite files of the host", ((6, 1, 2),)),
    Vulnerability("CVE-2026-79699", "a flaw of its libraries, not known to be reached by podman", ((6, 1, 2),)),
    Vulnerability("CVE-2026-79705", "a flaw of its builder, not known to be reached by podman", ((6, 1, 2),)),
)


def of(version: str) -> tuple[Vulnerability, ...]:
    """Return those that a podman of this version, such as 5.4.2, has; none where it cannot be read."""
    found = re.match(r"\d+(?:\.\d+)+", version)
    if found is None:
        return ()
    numbers = tuple(int(part) for part in found[0].split("."))
    return tuple(vulnerability for vulnerability in KNOWN if vulnerability.affects(numbers))
