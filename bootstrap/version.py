"""Versions as tools print them, compared as tuples of numbers."""

import re

Version = tuple[int, ...]


def parse(text: str) -> Version | None:
    """Return the first dotted version in `text` ("podman version 5.4.2" gives (5, 4, 2)), or None."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(part) for part in found[0].split(".")) if found else None


def show(version: Version) -> str:
    """Return the version as people write it."""
    return ".".join(str(part) for part in version)
