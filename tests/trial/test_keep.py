"""What a trial keeps to be looked at: what a broken scenario deployed, and nothing else."""

import asyncio
import re
import sys
from pathlib import Path

from seatrial.command import Command
from seatrial.manifests.isolation import RUN_LABEL
from seatrial.podman.client import Podman
from tests.controls.table.ending import CONTROLS

LIMIT_SECONDS = 300.0
BROKEN = 1
CONTROL = next(control for control in CONTROLS if control.name == "no-lame-duck")
SAID = r"^kept as (\w+) left it: pods (\S+); to remove it:\n +(podman .*)$"
HELD = "recovery.killed-main-process"


async def runs() -> set[str]:
    """Return the runs that podman has pods of."""
    return set((await Podman().ask("pod", "ls", "--format", f'{{{{index .Labels "{RUN_LABEL}"}}}}')).stdout.split())


async def test_what_a_broken_scenario_deployed_is_kept_and_the_command_that_is_said_removes_it(tmp_path: Path) -> None:
    """What held is removed, and the next trial does not take for abandoned what this one has kept."""
    before = await runs()
    only = [argument for claim in (*CONTROL.breaks, HELD) for argument in ("--only", claim)]
    command = (sys.executable, "-m", "seatrial", "trial", str(CONTROL.make(tmp_path)), "--keep", *only)
    tried = await Command(command, LIMIT_SECONDS).run()
    kept = await runs() - before
    try:
        assert tried.returncode == BROKEN, tried.stdout + tried.stderr
        (said,) = re.findall(SAID, tried.stderr, re.MULTILINE)
        (run,) = kept
        assert said[0] == "lifetime"
        assert run in said[1]
        assert run not in await Podman().abandoned_runs()
        removed = await asyncio.create_subprocess_shell(said[2], stdout=asyncio.subprocess.DEVNULL)
        assert await removed.wait() == 0
        assert not await Podman().leftovers(run)
    finally:
        for run in kept:
            await Podman().remove_run(run)
