"""Arithmetic that shows itself."""

from seatrial.contracts.arithmetic import at_most, below, term
from seatrial.contracts.contract import Check
from seatrial.manifests.place import Place

THERE = Place({}, "there")
THREE, TWO, ONE = term("replicas", 3), term("pool", 2, "the default"), term("reserve", 1)


def test_comparison_shows_every_number_and_its_source() -> None:
    """A sum and a product have their result beside them, a number alone has not."""
    limit = term("max_connections", 7.5)
    expected = "replicas 3 x pool 2 (the default) + reserve 1 = 7 <= max_connections 7.5"
    assert at_most(THERE, THREE * TWO + ONE, limit) == Check(THERE, holds=True, text=expected)


def test_comparison_that_does_not_hold_says_so() -> None:
    """The sign is the true one."""
    assert at_most(THERE, THREE, TWO) == Check(THERE, holds=False, text="replicas 3 > pool 2 (the default)")
    assert below(THERE, THREE, THREE) == Check(THERE, holds=False, text="replicas 3 >= replicas 3")
    assert below(THERE, ONE, THREE) == Check(THERE, holds=True, text="reserve 1 < replicas 3")


def test_sum_is_a_factor_in_brackets() -> None:
    """What is read is what was counted."""
    assert str((THREE + ONE) * TWO) == "(replicas 3 + reserve 1) x pool 2 (the default)"
    assert ((THREE + ONE) * TWO).value == 8
