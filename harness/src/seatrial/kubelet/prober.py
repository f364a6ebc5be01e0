"""The kubelet's prober as pure state, the time passed in: what to attempt when, and what the attempts mean.

Faithful to Kubernetes' pkg/kubelet/prober/worker.go (doProbe) and prober_manager.go (UpdatePodStatus).
"""

from dataclasses import dataclass
from enum import StrEnum

from seatrial.manifests.pods import Container
from seatrial.manifests.probe import Probe


class ProbeType(StrEnum):
    """The three probe types."""

    STARTUP = "startup"
    READINESS = "readiness"
    LIVENESS = "liveness"


class Result(StrEnum):
    """What a probe's attempts amount to, once a threshold is reached."""

    SUCCESS = "success"
    FAILURE = "failure"
    UNKNOWN = "unknown"


INITIAL = {
    ProbeType.STARTUP: Result.UNKNOWN,
    ProbeType.READINESS: Result.FAILURE,
    ProbeType.LIVENESS: Result.SUCCESS,
}


@dataclass(frozen=True)
class Observed:
    """What the kubelet knows of a container at a tick; `instance` tells one start from the next, None before any."""

    instance: str | None
    running: bool
    running_seconds: float = 0.0


class Worker:
    """One probe of one container: its `result`, and the attempts that lead to the next."""

    def __init__(self, probe_type: ProbeType, probe: Probe) -> None:
        self.type = probe_type
        self.probe = probe
        self.result = Result.UNKNOWN
        self._instance: str | None = None
        self._last_result: Result | None = None
        self._result_run = 0
        self._on_hold = False

    def observe(self, observed: Observed) -> None:
        """Take note of the container's state: a new instance begins anew, without one running the result is failure."""
        if observed.instance is not None and observed.instance != self._instance:
            self._instance = observed.instance
            self.result = INITIAL[self.type]
            self._on_hold = False
        if self._instance is not None and not (observed.running or self._on_hold):
            self.result = Result.FAILURE

    def wants_attempt(self, observed: Observed, *, started: bool) -> bool:
        """Decide on a tick whether to make an attempt now."""
        self.observe(observed)
        if self._on_hold or not observed.running:
            return False
        # The kubelet compares whole seconds, the fraction cut off.
        if int(observed.running_seconds) < self.probe.initial_delay_seconds:
            return False
        return started != (self.type is ProbeType.STARTUP)

    def record(self, *, succeeded: bool) -> None:
        """Count an attempt; the result changes when its threshold of equal attempts in a row is reached."""
        result = Result.SUCCESS if succeeded else Result.FAILURE
        self._result_run = self._result_run + 1 if result is self._last_result else 1
        self._last_result = result
        if self._result_run < (self.probe.success_threshold if succeeded else self.probe.failure_threshold):
            return
        self.result = result
        if self.type is ProbeType.STARTUP or (self.type is ProbeType.LIVENESS and not succeeded):
            # Until there is a new container: it is being restarted, or has started.
            self._on_hold = True
            self._result_run = 0


class ContainerProber:
    """The workers of one container and the conditions that follow from their results."""

    def __init__(self, container: Container) -> None:
        probes = {
            ProbeType.STARTUP: container.startup,
            ProbeType.READINESS: container.readiness,
            ProbeType.LIVENESS: container.liveness,
        }
        self.workers = {kind: Worker(kind, probe) for kind, probe in probes.items() if probe is not None}
        self._observed = Observed(instance=None, running=False)
        self._deleted = False

    @property
    def started(self) -> bool:
        """Whether the container runs and its startup probe, if it has one, succeeded."""
        return self._observed.running and self._has(Result.SUCCESS, ProbeType.STARTUP, without=True)

    @property
    def ready(self) -> bool:
        """Whether the container has started and its readiness probe, if it has one, says so."""
        return self.started and self._has(Result.SUCCESS, ProbeType.READINESS, without=True)

    @property
    def unhealthy(self) -> ProbeType | None:
        """The failed probe for which a running container has to be restarted."""
        if not self._observed.running or self._deleted:
            return None
        for kind in (ProbeType.LIVENESS, ProbeType.STARTUP):
            if self._has(Result.FAILURE, kind, without=False):
                return kind
        return None

    def observe(self, observed: Observed) -> None:
        """Take note of the container's state."""
        self._observed = observed
        for kind, worker in self.workers.items():
            if not self.ended(kind):
                worker.observe(observed)

    def delete(self) -> None:
        """Take note that the pod's deletion was requested: startup and liveness end quietly, readiness goes on."""
        self._deleted = True
        for kind in self.workers.keys() - {ProbeType.READINESS}:
            self.workers[kind].result = Result.SUCCESS

    def ended(self, kind: ProbeType) -> bool:
        """Tell whether a worker makes no attempts any more."""
        return self._deleted and kind is not ProbeType.READINESS

    def wants_attempt(self, kind: ProbeType, observed: Observed) -> bool:
        """Decide on a tick of a worker whether it makes an attempt now."""
        self._observed = observed
        return not self.ended(kind) and self.workers[kind].wants_attempt(observed, started=self.started)

    def record(self, kind: ProbeType, *, succeeded: bool, instance: str | None) -> None:
        """Count a worker's attempt, unless the container or the worker it was for is gone."""
        if not self.ended(kind) and instance == self._observed.instance:
            self.workers[kind].record(succeeded=succeeded)

    def _has(self, result: Result, kind: ProbeType, *, without: bool) -> bool:
        worker = self.workers.get(kind)
        return without if worker is None else worker.result is result


class Ticker:
    """When the next tick is due: a fixed grid of which, as of Go's time.Ticker, at most one missed tick is kept."""

    def __init__(self, period_seconds: float, now: float) -> None:
        self._period_seconds = period_seconds
        self._next = now + period_seconds

    def wait_seconds(self, now: float) -> float:
        """Return the seconds until the next tick, and count it as taken."""
        due = self._next
        self._next += self._period_seconds
        while self._next <= now:
            self._next += self._period_seconds
        return max(due - now, 0.0)

    def reset(self, now: float) -> None:
        """Begin the grid anew."""
        self._next = now + self._period_seconds
