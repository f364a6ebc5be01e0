"""Recovery: a worker or the whole process killed."""

import asyncio
import time
from pathlib import Path

from seatrial.manifests.kustomize import render
from seatrial.runtime import Runtime
from seatrial.timeline import Kind
from seatrial.waiting import consistently
from tests.e2e import inside
from tests.e2e.objects import service_pod_spec

LIMIT_SECONDS = 120.0


async def test_killed_worker_is_replaced_and_the_pod_stays_live(runtime: Runtime, overlay: Path) -> None:
    """SIGKILL of the worker: there is a new one, the container is the same, and liveness goes on succeeding."""
    objects = await render(overlay)
    service_pod_spec(objects)["containers"][0]["livenessProbe"].update(periodSeconds=2, timeoutSeconds=2)
    async with runtime.deployed(objects) as deployment:
        pod, name = deployment.pod, deployment.pod.template.containers[0].name
        await pod.until_ready(LIMIT_SECONDS)
        killed = await inside.kill_worker(deployment)
        killed_at = time.monotonic()
        async with asyncio.timeout(LIMIT_SECONDS):
            while set(await inside.workers(deployment)) <= set(killed):  # each look takes its time
                pass

        def succeeded() -> int:
            return len(deployment.timeline.of(Kind.ATTEMPT_SUCCEEDED, subject=f"{name}/liveness", since=killed_at))

        def live() -> bool:
            return not deployment.timeline.of(Kind.UNHEALTHY, since=killed_at)

        if runtime.sees_attempts:
            await pod.until(lambda: succeeded() >= 3, LIMIT_SECONDS, "three successes of liveness since")
        else:
            await consistently(live, 3 * (2 + 2), "it is live, for three periods and timeouts")
        await pod.until_ready(LIMIT_SECONDS)
        assert pod.restarts(name) == 0
        assert not deployment.timeline.of(Kind.UNHEALTHY, Kind.EXITED, since=killed_at)


async def test_killed_process_is_restarted_and_becomes_ready_again(runtime: Runtime, overlay: Path) -> None:
    """The container's first process is killed: the pod is not ready, is restarted, and is ready again."""
    async with runtime.deployed(overlay) as deployment:
        pod, container = deployment.pod, deployment.pod.template.containers[0]
        await pod.until_ready(LIMIT_SECONDS)
        await pod.kill(container.name)
        await pod.until(lambda: pod.restarts(container.name) == 1, LIMIT_SECONDS, "it is restarted")
        await pod.until_ready(LIMIT_SECONDS)
        # podman stops a pod some seconds after its last exit: what was started again must not be stopped with it.
        await consistently(lambda: pod.ready and pod.restarts(container.name) == 1, 5, "it stays")
        states = deployment.timeline.trajectory(pod.name, Kind.READY, Kind.NOT_READY)
        assert states == [Kind.READY, Kind.NOT_READY, Kind.READY]
