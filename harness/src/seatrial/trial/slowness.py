"""A dependency that is slow: it runs for a moment, and then stands still for longer, over and over."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from seatrial.host.processes import Processes, send
from seatrial.kubelet.part import Victim
from seatrial.podman.client import Podman

RUNS_SECONDS, STANDS_SECONDS = 0.05, 0.75


@asynccontextmanager
async def slowed(podman: Podman, pod: Victim) -> AsyncIterator[None]:
    """Let every answer of a pod, or of a part of it, take most of a second, for as long as the context lasts."""
    states = [await podman.inspect(container.podman_name) for container in pod.template.containers]
    slowing = asyncio.create_task(
        _slow([Processes.of(state.id, state.pid) for state in states]), name=f"slowness of {pod.name}"
    )
    try:
        yield
    finally:
        slowing.cancel()
        await asyncio.wait([slowing])


async def _slow(containers: list[Processes]) -> None:
    while True:
        pids = [pid for container in containers for pid in container.pids()]
        send(signal.SIGSTOP, *pids)
        try:
            await asyncio.sleep(STANDS_SECONDS)
        finally:
            send(signal.SIGCONT, *pids)
        await asyncio.sleep(RUNS_SECONDS)
