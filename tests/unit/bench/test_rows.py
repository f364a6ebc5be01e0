"""What a row's verdict is."""

import pytest

from bench.rounds import spread
from bench.rows import Goal, Row, Verdict, at_least, at_most


@pytest.mark.parametrize(
    ("goal", "median", "verdict"),
    [
        (at_most(25), 25, Verdict.REACHED),
        (at_most(25), 25.1, Verdict.MISSED),
        (at_least(0.85), 0.85, Verdict.REACHED),
        (at_least(0.85), 0.84, Verdict.MISSED),
        (None, 1, Verdict.NO_GOAL),
    ],
)
def test_the_median_decides(goal: Goal | None, median: float, verdict: Verdict) -> None:
    """A limit itself is reached; what lies beyond it is missed; without a goal there is nothing to say."""
    assert Row("x", "", spread([median - 9, median, median + 9]), goal).verdict is verdict


def test_what_could_not_be_measured_is_neither_reached_nor_missed() -> None:
    """A goal without a number stays open."""
    assert Row("x", "", None, at_most(1), "no registry answered").verdict is Verdict.NOT_MEASURED
