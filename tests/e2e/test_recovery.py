"""Recovery: a worker or the whole process killed."""

from pathlib import Path

from tests.e2e import inside
from tests.harness.deployment import deployed
from tests.harness.timeline import Kind

LIMIT_SECONDS = 120.0


async def test_killed_worker_is_replaced_and_the_pod_stays_live(overlay: Path) -> None:
    """SIGKILL of the worker: there is a new one, the container is the same, liveness never failed."""
    async with deployed(overlay) as deployment:
        pod, name = deployment.pod, deployment.pod.template.containers[0].name
        await pod.until_ready(LIMIT_SECONDS)
        killed = await inside.kill_worker(deployment)
        while set(await inside.workers(deployment)) <= set(killed):  # each look takes its time
            pass
        await pod.until_ready(LIMIT_SECONDS)
        assert pod.restarts(name) == 0
        assert not deployment.timeline.of(Kind.UNHEALTHY, Kind.EXITED)


async def test_killed_process_is_restarted_and_becomes_ready_again(overlay: Path) -> None:
    """SIGKILL of the container's first process: the pod is not ready, is restarted, and is ready again."""
    async with deployed(overlay) as deployment:
        pod, container = deployment.pod, deployment.pod.template.containers[0]
        await pod.until_ready(LIMIT_SECONDS)
        await deployment.podman.kill(container.podman_name, "SIGKILL")
        await pod.until(lambda: pod.restarts(container.name) == 1, LIMIT_SECONDS, "it is restarted")
        await pod.until_ready(LIMIT_SECONDS)
        states = deployment.timeline.trajectory(pod.name, Kind.READY, Kind.NOT_READY)
        assert states == [Kind.READY, Kind.NOT_READY, Kind.READY]
