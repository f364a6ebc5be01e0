"""Since when something has been out of service."""

from seatrial.timeline import Kind, Timeline
from seatrial.trial.probing import out_of_service


def test_what_is_ready_again_while_it_hangs_had_noticed_nothing() -> None:
    """A command that timed out for want of a core succeeds the next time; what did not notice ends with the process."""
    timeline = Timeline()
    stopped = timeline.record(Kind.ATTEMPT_SUCCEEDED, "app/readiness")
    late = timeline.record(Kind.NOT_READY, "app")
    assert out_of_service(timeline, ["app"], stopped.at) == late
    timeline.record(Kind.READY, "app")
    assert out_of_service(timeline, ["app"], stopped.at) is None
    exited = timeline.record(Kind.EXITED, "app")
    ended = timeline.record(Kind.NOT_READY, "app")
    timeline.record(Kind.READY, "app", "restarted")
    assert out_of_service(timeline, ["app"], stopped.at, exited.at) == ended


def test_pod_is_out_of_service_when_one_of_its_containers_is() -> None:
    """The first that stays so; one that never was counts for nothing."""
    timeline = Timeline()
    first = timeline.record(Kind.NOT_READY, "app")
    timeline.record(Kind.NOT_READY, "proxy")
    assert out_of_service(timeline, ["proxy", "app", "helper"], first.at) == first
    assert out_of_service(timeline, ["helper"], first.at) is None
