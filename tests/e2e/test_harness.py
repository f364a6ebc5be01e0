"""The harness itself: it leaves nothing behind, and runs do not meet."""

import asyncio
from pathlib import Path

import pytest

from seatrial.errors import PlayError
from seatrial.kubelet.deployment import new_run
from seatrial.kubelet.pod import Pod
from seatrial.podman.leftovers import Leftovers
from seatrial.runtime import Runtime

LIMIT_SECONDS = 120.0


async def test_nothing_is_left_behind_after_success(runtime: Runtime, overlay: Path) -> None:
    """While it runs there is something to find, afterwards nothing."""
    run = new_run()
    async with runtime.deployed(overlay, run=run):
        found = await runtime.leftovers(run)
        assert found
        if isinstance(found, Leftovers):
            assert found.pods
            assert found.volumes
            assert found.networks
    assert not await runtime.leftovers(run)


async def test_nothing_is_left_behind_after_a_failure_in_the_test(runtime: Runtime, overlay: Path) -> None:
    """An assertion that fails takes everything down, too."""
    run = new_run()
    with pytest.raises(ZeroDivisionError):
        async with runtime.deployed(overlay, run=run):
            _ = 1 / 0
    assert not await runtime.leftovers(run)


async def test_nothing_is_left_behind_when_it_cannot_be_played(runtime: Runtime, overlay: Path) -> None:
    """What podman made before it failed is removed."""
    run = new_run()
    with pytest.raises(PlayError):
        async with runtime.deployed(overlay, run=run, settings={"APP_PORT": "none"}):
            pass
    assert not await runtime.leftovers(run)


@pytest.mark.parametrize("seconds", [0.2, 1.0, 4.0])
async def test_nothing_is_left_behind_when_it_is_interrupted(runtime: Runtime, overlay: Path, seconds: float) -> None:
    """Ctrl-C while it is played, or later."""
    run = new_run()

    async def deploy_and_wait() -> None:
        async with runtime.deployed(overlay, run=run) as deployment:
            await deployment.pod.until(lambda: False, LIMIT_SECONDS, "never")

    task = asyncio.create_task(deploy_and_wait())
    await asyncio.sleep(seconds)  # not a wait for anything: the moments are the point
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await runtime.leftovers(run)


async def test_two_runs_do_not_collide(runtime: Runtime, overlay: Path) -> None:
    """The same overlay twice at the same time, in one place."""
    async with runtime.deployed(overlay) as one, runtime.deployed(overlay) as two:
        await asyncio.gather(one.pod.until_ready(LIMIT_SECONDS), two.pod.until_ready(LIMIT_SECONDS))
        assert one.pod.name != two.pod.name
        if isinstance(one.pod, Pod) and isinstance(two.pod, Pod):
            assert one.pod.host_port(8000) != two.pod.host_port(8000)
