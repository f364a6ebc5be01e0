"""Running commands: output, limits, and what is left when one is given up."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from seatrial.command import Command
from seatrial.errors import CommandError, RenderError, ToolMissingError
from seatrial.waiting import eventually


def alive(pid: int) -> bool:
    """Tell whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_command_returns_what_the_process_left() -> None:
    """Exit code, both outputs, input and environment are the process's own."""
    script = 'read line; echo "$line $X"; echo err >&2; exit 3'
    completed = await Command(("sh", "-c", script), stdin=b"in\n", env={"X": "y"}).run()
    assert (completed.returncode, completed.stdout, completed.stderr) == (3, "in y\n", "err\n")


async def test_check_raises_the_last_words_unless_the_command_succeeded() -> None:
    """A non-zero exit becomes the caller's error with the command and its own words."""
    succeeded = await Command(("true",)).run()
    assert succeeded.check() is succeeded
    failed = await Command(("sh", "-c", "echo broken >&2; exit 3")).run()
    with pytest.raises(RenderError, match=r"(?s)exited 3:.*broken"):
        failed.check(RenderError)


async def test_command_that_is_not_installed_is_named() -> None:
    """A missing tool is an error of its own."""
    with pytest.raises(ToolMissingError, match="`no-such-tool` is not installed"):
        await Command(("no-such-tool",)).run()


@pytest.mark.parametrize(
    "script", ["echo $$ > pid; exec sleep 60", "trap '' TERM; echo $$ > pid; sleep 60 & wait; wait"]
)
async def test_command_is_gone_after_its_limit(script: str, tmp_path: Path) -> None:
    """A command that takes too long is ended, even one that ignores SIGTERM."""
    async with asyncio.timeout(30):  # less than the command would take
        with pytest.raises(CommandError, match=r"did not end within 0\.5 s"):
            await Command(("sh", "-c", script), timeout_seconds=0.5, cwd=tmp_path, stop_seconds=0.2).run()
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_command_is_gone_when_its_task_is_cancelled(tmp_path: Path) -> None:
    """Cancellation ends the command before it is raised."""
    pid = tmp_path / "pid"
    task = asyncio.create_task(Command(("sh", "-c", "echo $$ > pid; exec sleep 60"), cwd=tmp_path).run())
    await eventually(lambda: pid.exists() and pid.read_text().endswith("\n"), 10, "the command runs")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(int(pid.read_text()))


CLEANS_UP = """
import signal, sys, time
from pathlib import Path
def clean_up(number, _):
    time.sleep(0.3)
    Path("told").write_text(signal.Signals(number).name)
    sys.exit()
for each in (signal.SIGINT, signal.SIGTERM):
    signal.signal(each, clean_up)
Path("up").touch()
while True:
    signal.pause()
"""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
async def test_command_is_stopped_by_the_signal_that_it_is_to_get(stop: signal.Signals, tmp_path: Path) -> None:
    """One that cleans up on SIGINT alone gets SIGINT, and the time for it."""
    task = asyncio.create_task(Command((sys.executable, "-c", CLEANS_UP), cwd=tmp_path, stop_signal=stop).run())
    await eventually((tmp_path / "up").exists, 10, "the command runs")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.05)  # its pipes are closed some turns of the loop later
    assert (tmp_path / "told").read_text() == stop.name
