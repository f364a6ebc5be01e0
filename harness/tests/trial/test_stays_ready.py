"""For how long it is watched, and what counts as not ready: also what began before, and between two windows."""

from typing import Any

import pytest

from harness.tests.trial.synthetic import LIFE, event, lifetime, subject
from seatrial.timeline import Event, Kind
from seatrial.trial.claims.load import stays_ready
from seatrial.trial.claims.start import no_flapping
from seatrial.trial.scenarios.lifetime import OBSERVED_SECONDS, idle_seconds
from seatrial.trial.verdict import Verdict

EXITED = (event(9.9, Kind.EXITED, detail="exit code 1"), event(9.9, Kind.NOT_READY))
AGAIN = (event(9.95, Kind.RUNNING, detail="restart 1"), event(9.95, Kind.READY))


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [({"readinessProbe": None}, OBSERVED_SECONDS), ({}, 3.0)],
    ids=["without readiness", "with two attempts of a second"],
)
def test_it_is_left_alone_for_long_enough_to_fall(changes: dict[str, Any], seconds: float) -> None:
    """What has no readiness probe falls by exiting, which takes no attempts."""
    assert idle_seconds(subject(**changes)) == seconds


@pytest.mark.parametrize(
    ("events", "verdict"), [(EXITED, Verdict.BROKEN), ((*EXITED, *AGAIN), Verdict.HELD)], ids=["down", "ready again"]
)
def test_what_is_down_as_the_load_begins_does_not_stay_ready(events: tuple[Event, ...], verdict: Verdict) -> None:
    """Its fall was before; that it is ready again before anything is sent is enough."""
    assert stays_ready(lifetime(events=(*LIFE, *events))).verdict is verdict


def test_what_falls_before_it_is_left_alone_flaps() -> None:
    """From the first readiness on: the first requests are sent before."""
    fell = (event(4.0, Kind.NOT_READY), event(4.5, Kind.READY))
    assert no_flapping(lifetime(events=(*LIFE, *fell))).verdict is Verdict.BROKEN
    assert no_flapping(lifetime()).verdict is Verdict.HELD
