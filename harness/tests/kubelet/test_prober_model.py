"""The prober's state machine against models that remember all, whatever happens in whatever order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.tests.probers import LIVENESS, READINESS, STARTUP, probe, prober, running
from seatrial.kubelet.prober import Observed, ProbeType, Worker
from seatrial.manifests.probe import Probe


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
