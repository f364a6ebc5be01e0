"""What was judged by time: when it was, so that a machine that was too busy then may be blamed, and nothing else."""

import pytest

from harness.tests.trial.synthetic import hang, setting, start, stored, subject
from harness.tests.trial.test_claims import CLAIMS, GOOD, NAMED, NOT_READY, SETTINGS
from seatrial.trial.seen import Seen
from seatrial.trial.verdict import Verdict

LATE: list[tuple[str, Seen]] = [
    ("hang.is-detected", hang(unhealthy_at=None)),
    *((each, setting(start(**late))) for each in SETTINGS for late in ({"exit_code": None}, {"seconds": 118.0})),
    *(("data.survives-restart", stored(after=after)) for after in (None, "no answer", "status 503: the store is slow")),
]
PLAIN = {
    "hang.is-detected": hang(subject=subject(livenessProbe=None)),
    **{each: setting(start(exit_code=0)) for each in SETTINGS},
    "data.survives-restart": stored(after="status 404: no kept here"),
}


@pytest.mark.parametrize(
    ("scenario", "claim_id"), [(scenario, each) for scenario, each in NAMED if CLAIMS[each].timed and each not in PLAIN]
)
def test_claim_that_is_timed_finds_when_it_was(scenario: str, claim_id: str) -> None:
    """A part of what was good; where it came to nothing, that or all of it."""
    when = CLAIMS[claim_id].timed
    assert when is not None
    good, nothing = when(GOOD[scenario]), when(NOT_READY[scenario])
    assert good is not None
    assert 0.0 <= good.began < good.ended < 80.0
    assert nothing is None or nothing.began < nothing.ended


@pytest.mark.parametrize(("claim_id", "late"), LATE)
def test_claim_that_is_broken_by_lateness_or_by_something_else_is_timed_if_it_was_late(
    claim_id: str, late: Seen
) -> None:
    """No machine is too slow to tell what is plainly wrong."""
    when = CLAIMS[claim_id].timed
    assert when is not None
    assert CLAIMS[claim_id](late).verdict is CLAIMS[claim_id](PLAIN[claim_id]).verdict is Verdict.BROKEN
    assert when(late) is not None
    assert when(PLAIN[claim_id]) is None
