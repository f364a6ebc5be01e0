"""Where a claim stands."""

import pytest

from seatrial.trial.report.standing import Standing, standing
from seatrial.trial.verdict import Verdict


@pytest.mark.parametrize("verdict", Verdict)
def test_verdict_stands_as_it_is_when_nothing_excuses_it(verdict: Verdict) -> None:
    """Each verdict is its own standing."""
    assert standing(verdict, None).value == standing(verdict, "").value == verdict.value


@pytest.mark.parametrize("verdict", Verdict)
def test_excuse_covers_what_is_broken_or_not_run_and_nothing_else(verdict: Verdict) -> None:
    """What held needs no excuse, and says so: the excuse is out of date."""
    covered = verdict in (Verdict.BROKEN, Verdict.NOT_RUN)
    assert (standing(verdict, "until the next release") is Standing.EXEMPT) == covered
