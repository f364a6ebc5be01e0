"""Interleaved rounds and their statistics."""

import pytest

from bench.rounds import differences, interleaved, ratios, spread


async def test_contenders_take_turns_in_every_round() -> None:
    """A B A B, never A A B B: a slow minute hits both."""
    order: list[str] = []

    async def measure(contender: str) -> int:
        order.append(contender)
        return len(order)

    samples = await interleaved(["a", "b"], measure, rounds=2)
    assert order == ["a", "b", "a", "b"]
    assert samples == {"a": [1, 3], "b": [2, 4]}


def test_a_spread_is_the_median_and_the_range() -> None:
    """Of an odd and of an even number of samples."""
    assert (spread([3, 1, 2]).median, spread([3, 1, 2]).low, spread([3, 1, 2]).high) == (2, 1, 3)
    assert spread([4, 1, 2, 3]).median == 2.5


def test_ratios_are_those_of_each_round_and_not_of_the_medians() -> None:
    """With one round at a third of the speed, each pair still says 0.5; the medians would, for other rounds, not."""
    assert ratios([50, 20, 60], [100, 40, 120]).samples == (0.5, 0.5, 0.5)
    assert ratios([1, 2, 30], [1, 20, 3]).median == 1  # the medians' own ratio is 2/3


def test_differences_are_those_of_each_round() -> None:
    """As ratios are."""
    assert differences([5, 9], [3, 4]).samples == (2, 5)


def test_rounds_that_do_not_pair_are_refused() -> None:
    """A missing sample must not shift the pairs."""
    with pytest.raises(ValueError, match="longer"):
        ratios([1.0], [1.0, 2.0])
