"""When it counts as ready again after an outage."""

from tests.harness.timeline import Kind, Timeline
from tests.harness.trial.scenarios.outage import asked
from tests.unit.harness.trial.synthetic import event, subject

BACK = 10.0
CONTAINER = subject().container


def timeline(*events: tuple[float, Kind, str]) -> Timeline:
    """Return one of these events."""
    return Timeline(events=[event(*each) for each in events])


def test_readiness_from_before_the_dependency_was_back_is_not_recovery() -> None:
    """One failed attempt is not enough to be called not ready: it may be about to be, for good."""
    stale = timeline(
        (BACK - 1, Kind.ATTEMPT_SUCCEEDED, "web/readiness"), (BACK + 1, Kind.ATTEMPT_FAILED, "web/readiness")
    )
    assert not asked(stale, CONTAINER, BACK)
    assert not asked(timeline((BACK + 1, Kind.ATTEMPT_SUCCEEDED, "web/liveness")), CONTAINER, BACK)
    assert asked(timeline((BACK + 1, Kind.ATTEMPT_SUCCEEDED, "web/readiness")), CONTAINER, BACK)


def test_what_has_no_readiness_probe_is_not_asked() -> None:
    """It is ready as long as it runs."""
    assert asked(timeline(), subject(readinessProbe=None).container, BACK)
