"""Data: what was written is there after the pod is gone, until its volume goes, too."""

from pathlib import Path

from tests.e2e import notes
from tests.harness.deployment import deployed, new_run
from tests.harness.exchange import Outcome
from tests.harness.kubelet import Pod
from tests.harness.traffic import hold

LIMIT_SECONDS = 120.0


async def write(pod: Pod) -> Outcome:
    """Write one note and return what became of it."""
    return await hold(pod.host_port(notes.PORT), notes.FIXED, for_seconds=0)


async def test_data_survives_down_and_up(overlay: Path) -> None:
    """A title that was taken before is taken after."""
    run = new_run()
    async with deployed(overlay, run=run, keep_volumes=True) as first:
        await first.pod.until_ready(LIMIT_SECONDS)
        assert (await write(first.pod)).status == 201
        await first.pod.terminate()
    async with deployed(overlay, run=run) as second:
        await second.pod.until_ready(LIMIT_SECONDS)
        assert (await write(second.pod)).status == 409


async def test_data_does_not_survive_its_volume(overlay: Path) -> None:
    """The negative: without the volume the title is free again."""
    run = new_run()
    for _ in range(2):
        async with deployed(overlay, run=run) as deployment:
            await deployment.pod.until_ready(LIMIT_SECONDS)
            assert (await write(deployment.pod)).status == 201
