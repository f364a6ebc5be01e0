"""A whole life on a cluster: it starts, is idle, is loaded through its Service, and one pod is deleted under load."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import LimitExceededError, PlayError
from seatrial.timeline import Event, Kind
from seatrial.trial import load as loading
from seatrial.trial.balancer import notice_seconds
from seatrial.trial.cluster.play import OnCluster, clients, deployed
from seatrial.trial.inside import secret_values
from seatrial.trial.seen import Lifetime
from seatrial.trial.stage import Stage
from seatrial.trial.termination import Ended, end
from seatrial.trial.window import Window

FIRST_SECONDS, IDLE_SECONDS, LOADED_SECONDS = 2.0, 10.0, 8.0
WARM_UP_REQUESTS, WARM_UP_LIMIT_SECONDS = 100, 60.0


@dataclass(frozen=True, kw_only=True)
class ClusterLifetime(Lifetime):
    """The same, of all pods of the subject: others than the first have their containers as `POD/CONTAINER`."""

    @property
    def pod_events(self) -> Sequence[Event]:
        """What happened to the subject's own containers, in whichever of its pods."""
        names = {container.name for container in self.subject.template.containers}
        others = {e.subject for e in self.record.events if e.kind is Kind.PLAYED and self._is_ours(e)}
        return [e for e in self.record.events if _without(others, e.subject).partition("/")[0] in names]

    def never_succeeded(self, window: Window) -> list[str]:  # noqa: ARG002 - it is the same for each
        """Return none: the kubelet tells of no attempt that succeeds, so that failed ones alone say nothing."""
        return []

    def _is_ours(self, event: Event) -> bool:
        return event.workload == self.subject.name


def _without(pods: set[str], subject: str) -> str:
    pod, _, rest = subject.partition("/")
    return rest if pod in pods else subject


async def run(runtime: ClusterRuntime, stage: Stage) -> ClusterLifetime:
    """Live through it; what it does not come to is None."""
    facts: dict[str, Any] = {}
    try:
        async with deployed(runtime, stage) as played:
            facts["ready_at"] = await played.until_ready()
            facts["running_at"] = played.pod.ran_at
            facts["secrets"] = secret_values(played.deployment.objects)
            if facts["ready_at"] is None:
                stage.logs = await played.pod.logs()
            else:
                with suppress(LimitExceededError):  # what it does not come to is told by what it came to
                    await _alive(stage, played, facts)
    except PlayError as error:
        if not error.exit_codes:  # the cluster's own fault: nothing is known of the subject
            raise
        facts["failed_to_play"] = str(error)
    return ClusterLifetime(*stage.so_far(), **facts)


async def _alive(stage: Stage, played: OnCluster, facts: dict[str, Any]) -> None:
    facts["load"] = load = await played.load()
    if load and not played.outside:
        facts["first"] = await _sent(stage, played, load, "first requests", FIRST_SECONDS)
    began = stage.mark("idle")
    await asyncio.sleep(IDLE_SECONDS)
    facts["idle"] = Window(began, time.monotonic())
    if load and played.outside:
        return
    if load:
        facts["loaded"] = await _sent(stage, played, load, "load", LOADED_SECONDS)
    stage.logs = await played.pod.logs()
    facts["ended"] = await (_terminate(stage, played, load) if load else end(stage, played.pod, "deleted"))


async def _sent(stage: Stage, played: OnCluster, load: loading.Load, label: str, seconds: float) -> Window:
    async with played.deployment.traffic(played.port, clients(load)) as traffic:
        began = stage.mark(label)
        await asyncio.sleep(seconds)
    stage.requests += traffic.outcomes
    return Window(began, time.monotonic())


async def _terminate(stage: Stage, played: OnCluster, load: loading.Load) -> Ended:
    """Delete one pod under load, which goes on until those that follow readiness have noticed."""
    async with played.deployment.traffic(played.port, clients(load)) as traffic:
        try:
            await played.pod.until(
                lambda: len(traffic.outcomes) >= WARM_UP_REQUESTS, WARM_UP_LIMIT_SECONDS, "requests are answered"
            )
            async with asyncio.TaskGroup() as group:
                terminating = group.create_task(end(stage, played.pod, "deleted under load"))
                await asyncio.sleep(notice_seconds(stage.subject.container))
            await traffic.stop()
        finally:
            stage.requests += traffic.outcomes
    return terminating.result()
