"""Whose turn it is."""

from bench.round_robin import Backend, RoundRobin, readiness_of
from seatrial.traffic.exchange import Request


def instances(ready: list[bool]) -> list[Backend]:
    """Return instances that are ready, or are not."""
    backends = [readiness_of(port, "/", 1.0) for port in range(1, len(ready) + 1)]
    for backend, is_ready in zip(backends, ready, strict=True):
        backend.worker.record(succeeded=is_ready)
    return backends


def turns(backends: list[Backend], number: int = 4) -> list[int]:
    """Return the ports of the next instances."""
    client = RoundRobin(backends, Request("/"), 1.0)
    return [client.next_backend().port for _ in range(number)]


def test_ready_instances_take_turns() -> None:
    """Each gets every other request."""
    assert turns(instances([True, True])) == [1, 2, 1, 2]


def test_an_instance_that_is_not_ready_gets_nothing() -> None:
    """The other one gets it all."""
    assert turns(instances([False, True])) == [2, 2, 2, 2]


def test_without_a_ready_instance_requests_are_sent_all_the_same() -> None:
    """What nobody could answer has to be counted as failed, not to be left out."""
    assert turns(instances([False, False])) == [1, 2, 1, 2]


def test_an_instance_stays_ready_until_three_attempts_have_failed() -> None:
    """The kubelet's threshold: one failed attempt takes nothing out of service."""
    (backend,) = instances([True])
    backend.worker.record(succeeded=False)
    backend.worker.record(succeeded=False)
    assert backend.ready
    backend.worker.record(succeeded=False)
    assert not backend.ready
