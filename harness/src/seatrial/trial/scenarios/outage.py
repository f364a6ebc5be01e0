"""What it depends on goes away and comes back: slow, stopped, frozen, cut off; and it is terminated in an outage."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, suppress

from seatrial.errors import LimitExceededError
from seatrial.kubelet import faults
from seatrial.kubelet.part import Part, Victim
from seatrial.kubelet.pod import Pod
from seatrial.manifests.pods import Container
from seatrial.podman.client import Podman
from seatrial.timeline import Event, Kind, Timeline
from seatrial.trial.claims import outage as claims
from seatrial.trial.probing import detection_seconds, leaving_seconds, out_of_service, promptly, recovery_seconds
from seatrial.trial.scenario import Scenario
from seatrial.trial.seen import CUT_OFF, FAULTS, SLOW, Outage, Outages
from seatrial.trial.slowness import slowed
from seatrial.trial.stage import UNPROMISED_SECONDS, Played, Stage, start_seconds
from seatrial.trial.subject import Subject
from seatrial.trial.termination import Ended, end
from seatrial.trial.window import Window

RECONNECT_SECONDS = 10.0
"""What it may take to find out that a dependency is back, beyond its readiness probe's own time."""

Fault = Callable[[Podman, Victim], AbstractAsyncContextManager[None]]


async def run(stage: Stage) -> Outages:
    """Have each dependency suffer each fault, then freeze one and terminate the subject meanwhile."""
    found: list[Outage] = []
    async with stage.deployed() as played:
        if await stage.until_ready(played) is None:
            return Outages(*stage.so_far())
        dependencies: list[Pod | Part] = [*played.dependencies, *played.parts]
        for dependency in dependencies:
            for name, fault in _faults(dependency):
                found.append(await suffer(stage, played, dependency, name, fault))
                if found[-1].recovered_seconds is None:
                    return Outages(*stage.so_far(), outages=tuple(found), ready=True)
        ended = await _end_meanwhile(stage, played)
    return Outages(*stage.so_far(), outages=tuple(found), ready=True, ended=ended)


def _faults(dependency: Pod | Part) -> Iterator[tuple[str, Fault]]:
    yield from zip(FAULTS, (slowed, faults.stopped, faults.paused), strict=False)
    if isinstance(dependency, Pod):  # a part shares its network with the subject
        yield CUT_OFF, lambda podman, _: faults.disconnected(podman, dependency)


async def suffer(stage: Stage, played: Played, dependency: Pod | Part, name: str, fault: Fault) -> Outage:
    """Have one dependency suffer one fault, and see what becomes of the containers that are the pod's own."""
    # The pod's own condition, but for what a part of it that is gone itself does to that.
    own, pod, timeline = stage.subject.own, played.pod, stage.timeline
    judged, probed = [each.name for each in own], [each.name for each in own if each.liveness]
    allowance, restarts = stage.machine.allowance_seconds, sum(map(pod.restarts, judged))
    called = dependency.container if isinstance(dependency, Part) else dependency.name
    began = stage.mark(f"{called} is to be {name}")
    async with fault(played.podman, dependency):
        in_effect = stage.mark(f"{called} is {name}")
        # An attempt that ends later than a timeout has begun in the outage.
        timeout = max((each.liveness.timeout_seconds for each in own if each.liveness), default=0.0)
        told_from = in_effect + timeout
        # A busy machine may hide for a while what slow answers do.
        slow_until = in_effect + leaving_seconds(own) + allowance

        def told() -> bool:
            # What is slow may make it not ready, or not: shorter, it could not be.
            followed = time.monotonic() >= slow_until if name == SLOW else not pod.is_ready(*judged)
            gone = out_of_service(timeline, judged, began)
            # By then each failed attempt of readiness may have blocked a worker: one that is left would answer before.
            since = max(told_from, gone.at + timeout) if gone else told_from
            return followed and all(_liveness(timeline, each, since) for each in probed)

        with suppress(LimitExceededError):
            await pod.until(told, _noticing_seconds(own) + allowance, "it is noticed")
        ended = stage.mark(f"{called} comes back")
    not_ready = out_of_service(timeline, judged, began, ended)
    recovered = None
    limit_seconds = max(recovery_seconds(each.readiness) for each in own) + RECONNECT_SECONDS
    with suppress(LimitExceededError):
        await pod.until(lambda: dependency.ready, UNPROMISED_SECONDS, f"{called} is ready")
        back = time.monotonic()
        await pod.until(
            lambda: pod.is_ready(*judged) and all(asked(timeline, each, back) for each in own),
            limit_seconds + allowance,
            "it is ready again",
        )
        recovered = time.monotonic() - back
    return Outage(
        dependency=called.removesuffix(f"-{played.deployment.run}-pod"),
        fault=name,
        began=in_effect,
        ended=ended,
        not_ready_seconds=max(not_ready.at - in_effect, 0.0) if not_ready else None,
        recovered_seconds=recovered,
        recovery_limit_seconds=limit_seconds,
        liveness_succeeded=min((_succeeded(_liveness(timeline, each, told_from, ended)) for each in probed), default=0),
        liveness_failed=sum(
            event.kind is Kind.ATTEMPT_FAILED for each in probed for event in _liveness(timeline, each, began)
        ),
        restarts=sum(map(pod.restarts, judged)) - restarts,
        promptly=any(failed_promptly(timeline, each, Window(began, ended)) for each in own),
    )


def asked(timeline: Timeline, container: Container, since: float) -> bool:
    """Tell whether readiness has succeeded since a moment: one about to fail is ready for an attempt more."""
    subject = f"{container.name}/readiness"
    return container.readiness is None or bool(timeline.of(Kind.ATTEMPT_SUCCEEDED, subject=subject, since=since))


def failed_promptly(timeline: Timeline, container: Container, window: Window) -> bool:
    """Tell whether readiness failed at once in an outage."""
    found = timeline.of(
        Kind.ATTEMPT_FAILED, subject=f"{container.name}/readiness", since=window.began, until=window.ended
    )
    return container.readiness is not None and any(promptly(container.readiness, each) for each in found)


def _liveness(timeline: Timeline, container: str, since: float, until: float = float("inf")) -> list[Event]:
    subject = f"{container}/liveness"
    return timeline.of(Kind.ATTEMPT_SUCCEEDED, Kind.ATTEMPT_FAILED, subject=subject, since=since, until=until)


def _succeeded(attempts: Iterable[Event]) -> int:
    return sum(each.kind is Kind.ATTEMPT_SUCCEEDED for each in attempts)


def _noticing_seconds(containers: Collection[Container]) -> float:
    """Return how long it takes until readiness has failed, and liveness of each was certainly asked after it."""
    probes = [each.liveness for each in containers if each.liveness]
    asked = max((each.period_seconds + each.timeout_seconds for each in probes), default=0.0)
    timeout = max((each.timeout_seconds for each in probes), default=0.0)
    return leaving_seconds(containers) + timeout + asked


async def _end_meanwhile(stage: Stage, played: Played) -> Ended:
    # Frozen is the worst: nothing on it ever fails at once. A part of the pod could not end then.
    gone: AbstractAsyncContextManager[None] = (
        faults.paused(played.podman, played.dependencies[0])
        if played.dependencies
        else faults.stopped(played.podman, played.parts[0])
    )
    async with gone:
        return await end(stage, played.pod, "deleted while what it depends on is gone")


def _seconds(subject: Subject) -> float:
    each = max(leaving_seconds(subject.own), detection_seconds(subject.container.liveness) / 3) + 10.0
    return (
        start_seconds(subject)
        + len(FAULTS) * (len(subject.dependencies) + len(subject.parts)) * each
        + subject.template.grace_period_seconds / 2
    )


OUTAGE = Scenario(
    name="outage",
    sentence="What it depends on is slow, stopped, frozen and cut off, and comes back.",
    run=run,
    claims=claims.CLAIMS,
    seconds=_seconds,
    inapplicable=lambda subject: (
        None if subject.dependencies or subject.parts else "the manifests have nothing that it depends on"
    ),
)
