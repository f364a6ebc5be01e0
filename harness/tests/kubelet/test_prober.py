"""The prober's state machine against the kubelet's behaviour."""

import pytest

from harness.tests.probers import LIVENESS, READINESS, STARTUP, probe, prober, running
from seatrial.kubelet.prober import ContainerProber, Observed, ProbeType, Result, Ticker, Worker


def replay(tested: ContainerProber, kind: ProbeType, attempts: str, observed: Observed | None = None) -> None:
    """Feed a worker one tick a letter: `S` a successful attempt, `F` a failed one, if it makes one at all."""
    observed = observed or running()
    for letter in attempts:
        if tested.wants_attempt(kind, observed):
            tested.record(kind, succeeded=letter == "S", instance=observed.instance)


@pytest.mark.parametrize(
    ("kind", "result"),
    [(STARTUP, Result.UNKNOWN), (READINESS, Result.FAILURE), (LIVENESS, Result.SUCCESS)],
)
def test_worker_starts_with_the_initial_value_of_its_type(kind: ProbeType, result: Result) -> None:
    """Before the first attempt startup is unknown, readiness is failure and liveness is success."""
    worker = Worker(kind, probe())
    worker.observe(running())
    assert worker.result is result


@pytest.mark.parametrize(
    ("kind", "success", "failure", "attempts", "result"),
    [
        (READINESS, 1, 3, "S", Result.SUCCESS),
        (READINESS, 1, 3, "SFF", Result.SUCCESS),
        (READINESS, 1, 3, "SFFF", Result.FAILURE),
        (READINESS, 1, 3, "SFFSFF", Result.SUCCESS),
        (READINESS, 3, 1, "SS", Result.FAILURE),
        (READINESS, 3, 1, "SSS", Result.SUCCESS),
        (READINESS, 3, 1, "SSFSS", Result.FAILURE),
        (LIVENESS, 1, 3, "FF", Result.SUCCESS),
        (LIVENESS, 1, 3, "FFF", Result.FAILURE),
        (LIVENESS, 1, 3, "FFSFF", Result.SUCCESS),
        (LIVENESS, 1, 2, "FFS", Result.FAILURE),  # on hold until there is a new container
        (STARTUP, 1, 3, "FF", Result.UNKNOWN),
        (STARTUP, 1, 3, "FFS", Result.SUCCESS),
        (STARTUP, 1, 3, "FFF", Result.FAILURE),
        (STARTUP, 1, 1, "SF", Result.SUCCESS),  # no more attempts after success
    ],
)
def test_result_changes_at_its_threshold(
    kind: ProbeType, success: int, failure: int, attempts: str, result: Result
) -> None:
    """A result changes with a threshold of equal attempts in a row, and not before."""
    tested = prober(**{kind.value: probe(success_threshold=success, failure_threshold=failure)})
    tested.observe(running())
    replay(tested, kind, attempts)
    assert tested.workers[kind].result is result


def test_container_without_probes_is_ready_when_it_runs() -> None:
    """No probe means success, for a running container and only for that."""
    tested = prober()
    tested.observe(Observed("1", running=False))
    assert not tested.started
    assert not tested.ready
    tested.observe(running())
    assert tested.started
    assert tested.ready


def test_readiness_and_liveness_wait_for_startup() -> None:
    """No other probe makes an attempt until startup has succeeded; then startup makes none."""
    tested = prober(startup=probe(), readiness=probe(), liveness=probe())
    tested.observe(running())
    assert [kind for kind in ProbeType if tested.wants_attempt(kind, running())] == [STARTUP]
    replay(tested, STARTUP, "S")
    assert [kind for kind in ProbeType if tested.wants_attempt(kind, running())] == [READINESS, LIVENESS]
    assert tested.started
    assert not tested.ready


@pytest.mark.parametrize(("seconds", "attempted"), [(0.0, False), (4.999, False), (5.0, True), (5.5, True)])
def test_initial_delay_counts_whole_seconds_from_the_containers_start(seconds: float, attempted: bool) -> None:  # noqa: FBT001 - pytest passes parameters so
    """No attempt is made before initialDelaySeconds have passed."""
    assert prober(readiness=probe(initial_delay_seconds=5)).wants_attempt(READINESS, running(seconds)) is attempted


@pytest.mark.parametrize("kind", [STARTUP, LIVENESS])
def test_container_is_unhealthy_when_startup_or_liveness_failed(kind: ProbeType) -> None:
    """A failed startup or liveness probe asks for a restart, and the worker is on hold until the new container."""
    tested = prober(**{kind.value: probe(failure_threshold=1)})
    tested.observe(running())
    assert tested.unhealthy is None
    replay(tested, kind, "F")
    assert tested.unhealthy is kind
    assert not tested.wants_attempt(kind, running())
    tested.observe(running(0.0, instance="2"))
    assert tested.unhealthy is None
    assert tested.wants_attempt(kind, running(instance="2"))


def test_container_is_not_unhealthy_when_readiness_failed() -> None:
    """Readiness never asks for a restart."""
    tested = prober(readiness=probe(failure_threshold=1))
    tested.observe(running())
    replay(tested, READINESS, "SF")
    assert not tested.ready
    assert tested.unhealthy is None


def test_new_container_has_to_become_ready_anew() -> None:
    """The results of a container do not carry over to the next."""
    tested = prober(startup=probe(), readiness=probe())
    replay(tested, STARTUP, "S")
    replay(tested, READINESS, "S")
    assert tested.ready
    tested.observe(Observed("1", running=False))
    assert not tested.ready
    tested.observe(running(0.0, instance="2"))
    assert not tested.started
    assert not tested.ready


def test_attempt_does_not_count_when_its_container_is_gone() -> None:
    """An attempt that began on the last container says nothing of the present one."""
    tested = prober(readiness=probe())
    tested.observe(running(instance="2"))
    tested.record(READINESS, succeeded=True, instance="1")
    assert not tested.ready
    tested.record(READINESS, succeeded=True, instance="2")
    assert tested.ready


def test_deletion_ends_liveness_and_startup_but_not_readiness() -> None:
    """After the pod's deletion only readiness is probed, and it can still fail."""
    tested = prober(startup=probe(), readiness=probe(failure_threshold=1), liveness=probe(failure_threshold=1))
    replay(tested, STARTUP, "S")
    replay(tested, READINESS, "S")
    replay(tested, LIVENESS, "F")
    assert tested.unhealthy is LIVENESS
    tested.delete()
    assert tested.unhealthy is None
    assert [kind for kind in ProbeType if tested.wants_attempt(kind, running())] == [READINESS]
    assert tested.ready
    replay(tested, READINESS, "F")
    assert not tested.ready


def test_ticker_keeps_its_grid_when_attempts_are_late() -> None:
    """Ticks stay on the grid of the period; of those missed one is taken at once, the others are dropped."""
    ticker = Ticker(10.0, now=0.0)
    assert ticker.wait_seconds(now=3.0) == 7.0
    assert ticker.wait_seconds(now=25.0) == 0.0
    assert ticker.wait_seconds(now=26.0) == 4.0
    ticker.reset(now=33.0)
    assert ticker.wait_seconds(now=33.0) == 10.0
