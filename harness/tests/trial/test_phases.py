"""From events to the bands of the timeline."""

from harness.tests.trial.scenarios import happened
from seatrial.timeline import Kind
from seatrial.trial.report.phases import Phase, bands, containers

LIFE = happened(
    (1, Kind.RUNNING, "web"),
    (3, Kind.STARTED, "web"),
    (4, Kind.READY, "web"),
    (4, Kind.READY, "web-pod"),
    (10, Kind.SIGNALLED, "web"),
    (16, Kind.NOT_READY, "web"),
    (22, Kind.TERMINATED, "web"),
    (22, Kind.EXITED, "web"),
    (23, Kind.DOWN, "web-pod"),
)


def trajectory(*args: object) -> list[tuple[str, float, float]]:
    """Return each band in words, with its times."""
    return [(str(band), band.begin, band.end) for band in bands(*args)]  # type: ignore[arg-type]


def test_life_of_a_container_is_a_row_of_bands_without_a_gap() -> None:
    """Starting, not ready, ready; from the signal on terminating, whatever readiness says; nothing once it ended."""
    assert trajectory(LIFE, "web", 30.0) == [
        ("starting", 1, 3),
        ("not ready", 3, 4),
        ("ready", 4, 10),
        ("ready, terminating", 10, 16),
        ("not ready, terminating", 16, 22),
    ]


def test_container_that_still_runs_has_its_last_band_to_the_end() -> None:
    """Its phase did not end; the record did."""
    assert trajectory(LIFE[:4], "web", 30.0)[-1] == ("ready", 4, 30.0)


def test_restart_begins_anew() -> None:
    """Between the exit and the next start there is no band, and terminating is over."""
    again = (*LIFE[:-1], *happened((25, Kind.RUNNING, "web", "restart 1"), (26, Kind.STARTED, "web")))
    assert trajectory(again, "web", 30.0)[-2:] == [("starting", 25, 26), ("not ready", 26, 30.0)]


def test_not_ready_after_the_end_makes_no_band() -> None:
    """The kubelet's last word on a container that is gone."""
    late = (*LIFE, *happened((24, Kind.NOT_READY, "web")))
    assert trajectory(late, "web", 30.0) == trajectory(LIFE, "web", 30.0)


def test_pod_and_probes_are_no_containers() -> None:
    """Only what ran has bands, in the order of the first run."""
    events = happened(
        (1, Kind.PLAYED, "pod"),
        (1, Kind.RUNNING, "b"),
        (2, Kind.RUNNING, "a"),
        (3, Kind.ATTEMPT_FAILED, "a/startup"),
        (5, Kind.RUNNING, "b"),
    )
    assert containers(events) == ("b", "a")
    assert bands(events, "pod", 30.0) == ()
    assert bands(events, "a", 30.0)[0].phase is Phase.STARTING
