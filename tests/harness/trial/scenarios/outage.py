"""What it depends on goes away and comes back: stopped, frozen, cut off; and it is terminated in an outage."""

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress

from tests.harness import faults
from tests.harness.errors import LimitExceededError
from tests.harness.kubelet import Pod
from tests.harness.podman import Podman
from tests.harness.timeline import Kind
from tests.harness.trial.claims import outage as claims
from tests.harness.trial.claims.ending import ending
from tests.harness.trial.probing import detection_seconds, recovery_seconds
from tests.harness.trial.scenario import Scenario
from tests.harness.trial.seen import FAULTS, Outage, Outages
from tests.harness.trial.stage import UNPROMISED_SECONDS, Played, Stage, start_seconds
from tests.harness.trial.subject import Subject
from tests.harness.trial.termination import Ended, end

RECONNECT_SECONDS = 10.0
"""What it may take to find out that a dependency is back, beyond its readiness probe's own time."""

Fault = Callable[[Podman, Pod], AbstractAsyncContextManager[None]]


async def run(stage: Stage) -> Outages:
    """Have each dependency suffer each fault, then freeze one and terminate the subject meanwhile."""
    found: list[Outage] = []
    async with stage.deployed() as played:
        if await stage.until_ready(played) is None:
            return Outages(*stage.so_far())
        for dependency in played.dependencies:
            for name, fault in zip(FAULTS, (faults.stopped, faults.paused, faults.disconnected), strict=True):
                found.append(await _suffer(stage, played, dependency, name, fault))
                if found[-1].recovered_seconds is None:
                    return Outages(*stage.so_far(), outages=tuple(found), ready=True)
        ended = await _end_meanwhile(stage, played)
    return Outages(*stage.so_far(), outages=tuple(found), ready=True, ended=ended)


async def _suffer(stage: Stage, played: Played, dependency: Pod, name: str, fault: Fault) -> Outage:
    container, allowance = stage.subject.container, stage.machine.allowance_seconds
    restarts, pod = played.pod.restarts(container.name), played.pod
    liveness = f"{container.name}/liveness"
    noticed = detection_seconds(container.readiness) + allowance
    if container.liveness:
        noticed = max(noticed, container.liveness.period_seconds + container.liveness.timeout_seconds + allowance)
    began = stage.mark(f"{dependency.name} is {name}")
    async with fault(played.podman, dependency):
        with suppress(LimitExceededError):
            await pod.until(
                lambda: (
                    not pod.ready
                    and (
                        container.liveness is None
                        or bool(
                            stage.timeline.of(
                                Kind.ATTEMPT_SUCCEEDED, Kind.ATTEMPT_FAILED, subject=liveness, since=began
                            )
                        )
                    )
                ),
                noticed,
                "it is noticed",
            )
        ended = stage.mark(f"{dependency.name} comes back")
    not_ready = stage.timeline.first(Kind.NOT_READY, pod.name, began)
    recovered = None
    with suppress(LimitExceededError):
        await pod.until(lambda: dependency.ready, UNPROMISED_SECONDS, f"{dependency.name} is ready")
        back = time.monotonic()
        limit = recovery_seconds(container.readiness) + RECONNECT_SECONDS + allowance
        await pod.until(lambda: pod.ready, limit, "it is ready again")
        recovered = time.monotonic() - back
    return Outage(
        dependency=dependency.name,
        fault=name,
        began=began,
        ended=ended,
        not_ready_seconds=not_ready.at - began if not_ready else None,
        recovered_seconds=recovered,
        recovery_limit_seconds=recovery_seconds(container.readiness) + RECONNECT_SECONDS,
        liveness_succeeded=len(stage.timeline.of(Kind.ATTEMPT_SUCCEEDED, subject=liveness, since=began, until=ended)),
        liveness_failed=len(stage.timeline.of(Kind.ATTEMPT_FAILED, subject=liveness, since=began)),
        restarts=pod.restarts(container.name) - restarts,
    )


async def _end_meanwhile(stage: Stage, played: Played) -> Ended:
    # Frozen is the worst: nothing on it ever fails at once.
    async with faults.paused(played.podman, played.dependencies[0]):
        return await end(stage, played.pod, "deleted while what it depends on is gone")


def _seconds(subject: Subject) -> float:
    container = subject.container
    each = max(detection_seconds(container.readiness), detection_seconds(container.liveness) / 3) + 10.0
    return start_seconds(subject) + 3 * len(subject.dependencies) * each + subject.template.grace_period_seconds / 2


OUTAGE = Scenario(
    name="outage",
    sentence="What it depends on is stopped, frozen and cut off, and comes back.",
    run=run,
    claims=(*claims.CLAIMS, *ending("sigterm.outage", "while a dependency is gone", lambda seen: seen.ended)),
    seconds=_seconds,
    inapplicable=lambda subject: None if subject.dependencies else "the manifests have nothing that it depends on",
)
