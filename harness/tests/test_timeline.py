"""Asking a timeline, and reading it."""

from seatrial.timeline import Kind, Timeline


def timeline() -> Timeline:
    """Return a timeline of a container that became ready twice."""
    made = Timeline()
    for kind, subject in [
        (Kind.RUNNING, "web"),
        (Kind.READY, "web"),
        (Kind.READY, "pod"),
        (Kind.NOT_READY, "web"),
        (Kind.READY, "web"),
    ]:
        made.record(kind, subject)
    return made


def test_timeline_finds_events_by_kind_subject_and_time() -> None:
    """First, last and between tell events apart; what did not happen is None."""
    made = timeline()
    first, last = made.first(Kind.READY, "web"), made.last(Kind.READY, "web")
    assert (first, last) == (made.events[1], made.events[4])
    assert made.first(Kind.READY, "web", since=made.events[3].at) == made.events[4]
    assert made.of(Kind.READY, Kind.RUNNING, until=made.events[2].at) == made.events[:3]
    assert made.first(Kind.EXITED) is None
    assert made.last(Kind.READY, "db") is None


def test_timeline_has_a_trajectory_for_each_subject() -> None:
    """A trajectory is one subject's, and only of the kinds asked for."""
    made = timeline()
    assert made.trajectory("web", Kind.READY, Kind.NOT_READY) == [Kind.READY, Kind.NOT_READY, Kind.READY]
    assert made.trajectory("pod") == [Kind.READY]


def test_timeline_reads_as_one_line_an_event() -> None:
    """A long detail is cut and its line breaks go, so that the order of events stays visible."""
    made = timeline()
    made.record(Kind.ATTEMPT_FAILED, "web/liveness", "exit code 1:\nTraceback " + "x " * 500)
    lines = str(made).splitlines()
    assert len(lines) == 6
    assert "attempt failed" in lines[-1]
    assert "exit code 1: Traceback x" in lines[-1]
    assert len(lines[-1]) < 300
