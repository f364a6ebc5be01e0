"""Quantities, as Kubernetes reads them."""

import pytest

from seatrial.errors import ManifestError
from seatrial.manifests.quantity import quantity


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("100m", 0.1),
        ("1Ki", 1024),
        (2, 2),
        (0.5, 0.5),
        ("1.5Gi", 1.5 * 2**30),
        ("1P", 1e15),
        ("1Ei", 2**60),
        ("1E", 1e18),
        ("12E3", 12e3),
        ("1e-3", 1e-3),
        ("250000000n", 0.25),
        ("5u", 5e-6),
        (".5", 0.5),
        ("+1", 1),
    ],
)
def test_quantity_is_a_number(given: float | str, number: float) -> None:
    """By every suffix that there is, decimal and binary, small and large."""
    assert quantity(given) == pytest.approx(number)


@pytest.mark.parametrize("given", ["", "1K", "128Mb", "1 Gi", "1.2.3", "one", "1e", "--1", "\u0661"])
def test_what_is_no_quantity_is_refused_by_what_is(given: str) -> None:
    """The message says what was given, and what is allowed."""
    with pytest.raises(ManifestError, match=r"is no quantity; allowed: 0\.5, 500m"):
        quantity(given)
