"""Nothing is left behind: what a killed harness could not remove, the next one does, and nothing else."""

import asyncio
import signal
import sys
from pathlib import Path

from seatrial.kubelet.deployment import deployed
from seatrial.podman.client import Podman

CONTROL = Path(__file__).parents[1] / "controls" / "good" / "asyncio"
DEPLOY = f"""
import asyncio
from pathlib import Path
from seatrial.kubelet.deployment import deployed
async def main():
    async with deployed(Path({str(CONTROL)!r})) as deployment:
        print(deployment.run, flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""
LIMIT_SECONDS = 120.0


async def begun() -> tuple[asyncio.subprocess.Process, str]:
    """Return a harness in a process of its own that has deployed something, and its run."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", DEPLOY, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    async with asyncio.timeout(LIMIT_SECONDS):
        return process, (await process.stdout.readline()).decode().strip()


async def test_what_a_killed_harness_left_is_found_and_removed_and_a_living_one_keeps_its_own() -> None:
    """SIGKILL leaves pods, volumes and a network behind; the run of this process is not touched."""
    podman = Podman()
    async with deployed(CONTROL) as living:
        process, run = await begun()
        assert run not in await podman.abandoned_runs(), "it lives"
        process.kill()
        await process.wait()
        left = await podman.leftovers(run)
        assert left.pods
        assert left.networks
        found = await podman.abandoned_runs()
        assert run in found
        assert living.run not in found
        await podman.remove_run(run)
        assert not await podman.leftovers(run)
        assert (await podman.leftovers(living.run)).pods


async def test_interrupted_harness_leaves_nothing() -> None:
    """Ctrl-C: it removes what it has made, and then ends."""
    process, run = await begun()
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(LIMIT_SECONDS):
        assert await process.wait() != 0
    assert not await Podman().leftovers(run)
