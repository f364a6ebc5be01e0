"""What the timeline marks with a line."""

from harness.tests.trial.scenarios import happened, scenario
from seatrial.timeline import Kind
from seatrial.trial.report.moments import Moment, merged, moments

EVENTS = happened(
    (1, Kind.RUNNING, "web"),
    (2, Kind.ATTEMPT_SUCCEEDED, "web/readiness", "status 200"),
    (10, Kind.SIGNALLED, "web", "SIGTERM"),
    (22, Kind.TERMINATED, "web", "exit code 0 after 12.00 s"),
    (22, Kind.EXITED, "web", "exit code 0"),
)


def test_signals_exits_and_marks_are_moments_in_order() -> None:
    """Probes and the first start are not: they have a row and a band."""
    found = moments(scenario(EVENTS, marks=((5, "traffic begins"),)))
    assert [moment.label for moment in found] == [
        "traffic begins",
        "SIGTERM",
        "exit code 0 after 12.00 s",
    ]


def test_exit_that_nobody_asked_for_is_a_moment_of_its_own() -> None:
    """Also after one that was asked for: the container had been started again."""
    again = (*EVENTS, *happened((24, Kind.RUNNING, "web", "restart 1"), (25, Kind.EXITED, "web", "exit code 3")))
    assert [moment.label for moment in moments(scenario(again))][-2:] == ["restart 1", "exit code 3"]


def test_restart_is_a_moment_and_the_first_start_is_not() -> None:
    """What nobody asked for is what a reader looks for."""
    events = happened((1, Kind.RUNNING, "web"), (9, Kind.RUNNING, "web", "restart 1"))
    assert moments(scenario(events)) == (Moment(9, "restart 1"),)


def test_several_containers_are_told_apart_by_name() -> None:
    """With one there is nothing to tell apart."""
    both = (*EVENTS, *happened((1, Kind.RUNNING, "proxy"), (10.5, Kind.SIGNALLED, "proxy", "SIGQUIT")))
    assert Moment(10.5, "proxy: SIGQUIT") in moments(scenario(both))


def test_moments_that_no_plot_keeps_apart_are_one_and_say_each_thing_once() -> None:
    """The mark and the event of one signal; the longer of two words for one exit."""
    close = [Moment(10, "SIGTERM"), Moment(10.01, "SIGTERM"), Moment(10.02, "pod deleted"), Moment(22, "exit code 0")]
    assert merged([*close, Moment(22, "exit code 0 after 12 s")], 0.1) == (
        Moment(10, "SIGTERM · pod deleted"),
        Moment(22, "exit code 0 after 12 s"),
    )


def test_moments_apart_stay_apart() -> None:
    """However many there are."""
    apart = (Moment(1, "a"), Moment(1.2, "b"), Moment(1.4, "a"))
    assert merged(apart, 0.1) == apart
