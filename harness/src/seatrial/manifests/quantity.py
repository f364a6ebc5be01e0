"""Quantities of CPU, memory and storage, as manifests write them (apimachinery's `resource.Quantity`)."""

import re
from decimal import Decimal

from seatrial.errors import ManifestError

QUANTITY = re.compile(
    r"(?P<sign>[+-]?)(?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)(?P<suffix>[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?"
)
FACTORS = {"n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "k": Decimal(1000)} | {
    f"{letter}{binary}": Decimal(base) ** power
    for power, letter in enumerate("KMGTPE", 1)
    for binary, base in (("", 1000), ("i", 1024))
    if f"{letter}{binary}" != "K"
}
FORMAT = "allowed: 0.5, 500m, 64Mi, 1Gi, 1e3 and the like"


def parsed(given: object) -> Decimal | None:
    """Return a quantity as a number, None for what is none: 100m is 0.1, 1Ki is 1024."""
    if not (matched := QUANTITY.fullmatch(str(given))):
        return None
    suffix = matched["suffix"] or ""
    exponent = suffix[-1:].isdigit()
    number = Decimal(matched["sign"] + matched["number"] + (suffix if exponent else ""))
    return number if exponent else number * FACTORS.get(suffix, Decimal(1))


def quantity(given: float | str) -> float:
    """Return a quantity as a number; raises ManifestError for what is none."""
    if (number := parsed(given)) is None:
        raise ManifestError(f"{given!r} is no quantity; {FORMAT}")
    return float(number)
