"""Where one scenario is played: it deploys the subject, and keeps the record of what is done and seen."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from seatrial.errors import CommandError, LimitExceededError, ManifestError
from seatrial.kubelet.deployment import Deployment, deployed
from seatrial.kubelet.part import Part
from seatrial.kubelet.pod import Pod
from seatrial.logs import Logs
from seatrial.manifests import isolation
from seatrial.manifests.kustomize import Object
from seatrial.podman.client import Podman
from seatrial.timeline import Timeline
from seatrial.traffic.exchange import Outcome
from seatrial.trial.machine import Machine
from seatrial.trial.starvation import Starvation
from seatrial.trial.subject import Subject
from seatrial.trial.verdict import Mark, Record

UNPROMISED_SECONDS = 120.0
"""What a pod may take to become ready whose probes set no limit."""


@dataclass(frozen=True)
class Played:
    """The subject as it was played for a scenario."""

    deployment: Deployment
    pod: Pod
    subject: Subject

    @property
    def podman(self) -> Podman:
        """The podman that it runs on."""
        return self.deployment.podman

    @property
    def podman_name(self) -> str:
        """What podman calls the container that serves."""
        return next(
            each.podman_name for each in self.pod.template.containers if each.name == self.subject.container.name
        )

    @property
    def port(self) -> int:
        """The host's port of the service."""
        if self.subject.port is None:
            raise ManifestError(f"{self.subject.name} has no port")
        return self.pod.host_port(self.subject.port)

    @property
    def dependencies(self) -> list[Pod]:
        """The pods that stand beside the subject's."""
        return [_pod(self.deployment, each["metadata"]["name"]) for each in self.subject.dependencies]

    @property
    def parts(self) -> list[Part]:
        """The containers of the subject's own pod that it depends on."""
        return [Part(self.pod, name) for name in self.subject.parts]


@dataclass
class Stage:
    """The record of one scenario as it grows.

    `images` are replaced as for `deployed`; `keep` leaves what is deployed in a run of its own, and `kept` has those
    runs; `marked` hears of each mark.
    """

    name: str
    sentence: str
    subject: Subject
    machine: Machine
    images: Mapping[str, str] = field(default_factory=dict)
    keep: bool = False
    kept: list[str] = field(default_factory=list)
    timeline: Timeline = field(default_factory=Timeline)
    marks: list[Mark] = field(default_factory=list)
    requests: list[Outcome] = field(default_factory=list)
    logs: Logs = ()
    wall: datetime = field(default_factory=lambda: datetime.now(UTC))
    starvation: Starvation = field(default_factory=Starvation)
    marked: Callable[[], None] = lambda: None
    _pod: Pod | None = None

    def mark(self, label: str) -> float:
        """Take note of what is done now, and return the moment (monotonic)."""
        self.marks.append(Mark(time.monotonic(), label))
        self.marked()
        return self.marks[-1].at

    @property
    def phase(self) -> str:
        """What was done last."""
        return self.marks[-1].label if self.marks else "starts"

    @asynccontextmanager
    async def deployed(
        self,
        *,
        objects: Sequence[Object] | None = None,
        settings: isolation.Settings | None = None,
        run: str | None = None,
        keep_volumes: bool = False,
    ) -> AsyncIterator[Played]:
        """Deploy the subject, or objects in its place, for as long as the context lasts; its logs are kept.

        `settings` are the subject's alone: others may have variables of the same names.
        """
        keep = self.keep and run is None  # a run that is given is deployed once more
        async with deployed(
            objects or self.subject.objects,
            images=self.images,
            settings=settings,
            of=self.subject.name,
            run=run,
            keep_volumes=keep_volumes,
            keep=keep,
            timeline=self.timeline,
        ) as deployment:
            if keep:
                self.kept.append(deployment.run)
            played = Played(deployment, _pod(deployment, self.subject.name), self.subject)
            self._pod = played.pod
            try:
                async with self.starvation.watched(lambda: self._pod.pids if self._pod else ()):
                    yield played
            finally:
                with suppress(CommandError):
                    self.logs += await played.pod.logs()

    @asynccontextmanager
    async def again(self, played: Played) -> AsyncIterator[Played]:
        """Start the pod's containers, which have ended, once more, and care for them as for a pod that is new."""
        await played.pod.leave()
        for container in played.pod.template.containers:
            await played.podman.start(container.podman_name, played.pod.name)
        self.mark("started again")
        async with Pod(played.pod.template, played.podman, self.timeline) as pod:
            self._pod = pod
            yield replace(played, pod=pod)
            await pod.leave()

    async def until_ready(self, played: Played) -> float | None:
        """Return the moment (monotonic) at which the pod was ready, None when it did not become it in its budget."""
        limit_seconds = (ready_budget_seconds(self.subject) or UNPROMISED_SECONDS) + self.machine.allowance_seconds
        for dependency in played.dependencies:
            await dependency.until_ready(UNPROMISED_SECONDS)
        with suppress(LimitExceededError):
            for part in played.parts:
                await part.until_ready(UNPROMISED_SECONDS)
            await played.pod.until(lambda: played.pod.ready, limit_seconds, f"{played.pod.name} is ready")
            return time.monotonic()
        return None

    def so_far(self) -> tuple[Subject, Machine, Record]:
        """Return what every scenario sees, the record as it is now."""
        return self.subject, self.machine, self.record()

    def record(self) -> Record:
        """Return the record as it is now."""
        return Record(
            scenario=self.name,
            sentence=self.sentence,
            began=self.timeline.began,
            ended=time.monotonic(),
            wall=self.wall,
            events=tuple(self.timeline.events),
            requests=tuple(self.requests),
            marks=tuple(self.marks),
            logs=self.logs,
        )


def ready_budget_seconds(subject: Subject) -> float | None:
    """Return how long the subject's probes let it take to become ready, None when they set no limit."""
    container = subject.container
    limiting = container.startup or container.liveness
    if limiting is None:
        return None
    started = limiting.initial_delay_seconds + limiting.period_seconds * limiting.failure_threshold
    readiness = container.readiness
    if readiness is None:
        return started + limiting.timeout_seconds
    asked = readiness.period_seconds * readiness.success_threshold + readiness.timeout_seconds
    return max(started, readiness.initial_delay_seconds) + limiting.timeout_seconds + asked


def start_seconds(subject: Subject) -> float:
    """Return what a start may be estimated to take, with the making of the pod and its removal."""
    return (
        8.0
        + min(ready_budget_seconds(subject) or 10.0, 10.0)
        + 5.0 * (len(subject.objects) - len(subject.without_jobs()) + len(subject.dependencies))
    )


def _pod(deployment: Deployment, workload: str) -> Pod:
    return next(pod for pod in deployment.pods if pod.name in isolation.pod_names(workload, deployment.run))
