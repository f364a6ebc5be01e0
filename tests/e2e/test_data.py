"""Data: what was written is there after the pod is gone, until its volume goes, too."""

from pathlib import Path

from seatrial.kubelet.deployment import new_run
from seatrial.runtime import Deployment, Runtime
from seatrial.traffic.exchange import Outcome
from tests.e2e import notes

LIMIT_SECONDS = 120.0


async def write(deployment: Deployment) -> Outcome:
    """Write one note and return what became of it."""
    return await deployment.hold(deployment.pod, notes.PORT, notes.FIXED, for_seconds=0)


async def test_data_survives_down_and_up(runtime: Runtime, overlay: Path) -> None:
    """A title that was taken before is taken after."""
    run = new_run()
    async with runtime.deployed(overlay, run=run, keep_volumes=True) as first:
        await first.pod.until_ready(LIMIT_SECONDS)
        assert (await write(first)).status == 201
        await first.pod.terminate()
    async with runtime.deployed(overlay, run=run) as second:
        await second.pod.until_ready(LIMIT_SECONDS)
        assert (await write(second)).status == 409


async def test_data_does_not_survive_its_volume(runtime: Runtime, overlay: Path) -> None:
    """The negative: without the volume the title is free again."""
    run = new_run()
    for _ in range(2):
        async with runtime.deployed(overlay, run=run) as deployment:
            await deployment.pod.until_ready(LIMIT_SECONDS)
            assert (await write(deployment)).status == 201
