"""Quantities of CPU and memory, as manifests write them."""

import re

from seatrial.errors import ManifestError

SUFFIXES = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def quantity(given: float | str) -> float:
    """Return a quantity as a number: 100m is 0.1, 1Ki is 1024; raises ManifestError for what is none."""
    matched = re.fullmatch(r"([0-9.]+(?:[eE][0-9]+)?)([a-zA-Z]*)", str(given))
    try:
        return float(matched[1]) * (SUFFIXES[matched[2]] if matched[2] else 1) if matched else float(given)
    except (KeyError, ValueError) as error:
        raise ManifestError(f"{given!r} is no quantity; allowed: 0.5, 500m, 128Mi, 1Gi and the like") from error
