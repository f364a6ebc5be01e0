"""Ctrl-C while controls are tried: each trial removes what it has played, and then it ends."""

import asyncio
import json
import signal
import sys

from seatrial.host import owner
from seatrial.host.processes import Processes
from seatrial.manifests.isolation import RUN_LABEL
from seatrial.podman.client import Podman
from tests.controls.__main__ import INTERRUPTED

TWO = ("asyncio", "worker")
LIMIT_SECONDS = 180.0


async def runs_of(pid: int) -> dict[str, str]:
    """Return the runs that a process's descendants have played, each with the process that did."""
    listed = await Podman().ask("network", "ls", "--filter", f"label={RUN_LABEL}", "--format", "json")
    ours = {str(each) for each in Processes(pid).pids()}
    labels = [each.get("labels") or each.get("Labels") or {} for each in json.loads(listed.stdout or "[]")]
    found = {each[RUN_LABEL]: each.get(owner.LABEL, "...").split(".")[2] for each in labels}
    return {run: process for run, process in found.items() if process in ours}


async def test_interrupted_controls_leave_nothing() -> None:
    """Two trials run, each with pods: none of them is left, and no process either."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.controls", *TWO, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    runs: dict[str, str] = {}
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            while len({*runs.values()}) < len(TWO):
                await asyncio.sleep(0.5)
                runs |= await runs_of(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
    await asyncio.sleep(0.5)
    process.send_signal(signal.SIGINT)  # as people do when nothing seems to happen
    async with asyncio.timeout(LIMIT_SECONDS):
        _, said = await process.communicate()
    assert process.returncode == INTERRUPTED
    assert said.decode().splitlines()[-1] == "interrupted; nothing is left"
    assert not [left for run in runs if (left := await Podman().leftovers(run))]
    assert not [each for each in runs.values() if owner.started(int(each))]
