"""The prober's state machine against the kubelet's behaviour."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.manifests import Container, Exec, Probe
from tests.harness.prober import ContainerProber, Observed, ProbeType, Result, Ticker, Worker

STARTUP, READINESS, LIVENESS = ProbeType.STARTUP, ProbeType.READINESS, ProbeType.LIVENESS


def probe(**changes: float) -> Probe:
    """Return a probe with Kubernetes' defaults but for the changes."""
    return Probe(Exec(("true",)), **changes)  # type: ignore[arg-type]


def prober(**probes: Probe) -> ContainerProber:
    """Return the prober of a container with these probes."""
    return ContainerProber(Container("web", "pod-web", "image", **probes))  # type: ignore[arg-type]


def running(seconds: float = 100.0, instance: str = "1") -> Observed:
    """Return a running container."""
    return Observed(instance, running=True, running_seconds=seconds)


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


class Reference:
    """The published result of one probe, told from all attempts since the container's start: nothing incremental."""

    def __init__(self, kind: ProbeType, success: int, failure: int) -> None:
        self.kind, self.success, self.failure = kind, success, failure
        self.attempts = ""

    def result(self) -> str:
        """Return the result by looking for the last run that is long enough."""
        at = max(self.attempts.rfind("S" * self.success), self.attempts.rfind("F" * self.failure))
        if at < 0:
            return {STARTUP: "unknown", READINESS: "failure", LIVENESS: "success"}[self.kind]
        return "success" if self.attempts[at] == "S" else "failure"

    def ended(self) -> bool:
        """Tell whether the worker makes no attempt before the next container."""
        return (self.kind is STARTUP and self.result() != "unknown") or (
            self.kind is LIVENESS and "F" * self.failure in self.attempts
        )


@given(
    kind=st.sampled_from(ProbeType),
    success=st.integers(1, 3),
    failure=st.integers(1, 4),
    attempts=st.text("SF", max_size=30),
)
def test_worker_agrees_with_a_reference_model(kind: ProbeType, success: int, failure: int, attempts: str) -> None:
    """Whatever the thresholds and the attempts, the result is that of the last run that was long enough."""
    success = success if kind is READINESS else 1  # the API allows no other
    worker = Worker(kind, probe(success_threshold=success, failure_threshold=failure))
    reference = Reference(kind, success, failure)
    for letter in attempts:
        wanted = worker.wants_attempt(running(), started=kind is not STARTUP)
        assert wanted is not reference.ended()
        if wanted:
            worker.record(succeeded=letter == "S")
            reference.attempts += letter
        assert worker.result.value == reference.result()


class ReferenceContainer:
    """The conditions of one container, told from all that has happened to it, with the words of the documentation.

    An event is a letter: `N` a new instance runs, `X` it exits, `D` the pod is deleted; attempts are kept as made, with
    a `|` where a worker stops until there is a new instance. Runs of attempts go on over instances, as in the kubelet.
    """

    def __init__(self, probes: dict[ProbeType, Probe]) -> None:
        self.probes = probes
        self.attempts = dict.fromkeys(probes, "")
        self.begun = dict.fromkeys(probes, 0)
        self.running = self.deleted = False

    def happens(self, letter: str) -> None:
        """Take note of an event."""
        if letter == "N":
            self.begun = {kind: len(told) for kind, told in self.attempts.items()}
        self.running = letter == "N" or (self.running and letter != "X")
        self.deleted = self.deleted or letter == "D"

    def attempted(self, kind: ProbeType, letter: str) -> None:
        """Take note of an attempt."""
        self.attempts[kind] += letter
        if (kind is STARTUP and self.result(kind) != "unknown") or (
            kind is LIVENESS and self.result(kind) == "failure"
        ):
            self.attempts[kind] += "|"

    def result(self, kind: ProbeType) -> str:
        """Return a probe's result: that of the last run of attempts that became long enough in this instance."""
        if self.deleted and kind is not READINESS:
            return "success"
        told, probe = self.attempts[kind], self.probes[kind]
        for end in range(len(told), self.begun[kind], -1):
            if told[:end].endswith("S" * probe.success_threshold):
                return "success"
            if told[:end].endswith("F" * probe.failure_threshold):
                return "failure"
        return {STARTUP: "unknown", READINESS: "failure", LIVENESS: "success"}[kind]

    def attempts_now(self, kind: ProbeType) -> bool:
        """Tell whether a tick of the worker makes an attempt."""
        on_hold = "|" in self.attempts[kind][self.begun[kind] :]
        ended = self.deleted and kind is not READINESS
        return self.running and not on_hold and not ended and self.started != (kind is STARTUP)

    @property
    def started(self) -> bool:
        """It runs, and its startup probe, if any, has succeeded."""
        return self.running and (STARTUP not in self.probes or self.result(STARTUP) == "success")

    @property
    def ready(self) -> bool:
        """It has started, and its readiness probe, if any, succeeds."""
        return self.started and (READINESS not in self.probes or self.result(READINESS) == "success")

    @property
    def unhealthy(self) -> bool:
        """Whether it has to be restarted."""
        failed = any(self.result(kind) == "failure" for kind in self.probes if kind is not READINESS)
        return self.running and not self.deleted and failed


TICKS = {letter + outcome: kind for letter, kind in zip("srl", ProbeType, strict=True) for outcome in "SF"}


@given(
    kinds=st.sets(st.sampled_from(ProbeType)),
    thresholds=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    events=st.lists(st.sampled_from([*"NXD", *TICKS, *TICKS, *TICKS]), min_size=10, max_size=60),
)
@settings(max_examples=500)
def test_container_agrees_with_a_reference_model(
    kinds: set[ProbeType], thresholds: tuple[int, int], events: list[str]
) -> None:
    """Whatever starts, exits, is probed and deleted in whatever order: started, ready and unhealthy are the same."""
    success, failure = thresholds
    probes = {
        kind: probe(success_threshold=success if kind is READINESS else 1, failure_threshold=failure) for kind in kinds
    }
    tested, instance = prober(**{str(kind): each for kind, each in probes.items()}), 0
    reference = ReferenceContainer(probes)
    observed = Observed(instance=None, running=False)
    for happening in ["N", *events]:
        if happening in TICKS:
            kind = TICKS[happening]
            if kind not in probes:
                continue
            wanted = tested.wants_attempt(kind, observed)
            assert wanted is reference.attempts_now(kind), (happening, events)
            if wanted:
                tested.record(kind, succeeded=happening[1] == "S", instance=observed.instance)
                reference.attempted(kind, happening[1])
        else:
            reference.happens(happening)
            if happening == "D":
                tested.delete()
            elif happening == "N":
                instance += 1
                observed = running(instance=str(instance))
            elif observed.instance is not None:
                observed = Observed(observed.instance, running=False)
            tested.observe(observed)
        assert (tested.started, tested.ready) == (reference.started, reference.ready), events
        assert bool(tested.unhealthy) is reference.unhealthy, events


def test_ticker_keeps_its_grid_when_attempts_are_late() -> None:
    """Ticks stay on the grid of the period; of those missed one is taken at once, the others are dropped."""
    ticker = Ticker(10.0, now=0.0)
    assert ticker.wait_seconds(now=3.0) == 7.0
    assert ticker.wait_seconds(now=25.0) == 0.0
    assert ticker.wait_seconds(now=26.0) == 4.0
    ticker.reset(now=33.0)
    assert ticker.wait_seconds(now=33.0) == 10.0
