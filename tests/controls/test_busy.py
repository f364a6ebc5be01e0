"""Two cores are kept busy, for as long as is said and no longer."""

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from seatrial.waiting import eventually
from tests.controls.busy import busy

HOLD = (
    "import time\nfrom tests.controls.busy import busy\nwith busy() as pids: print(*pids, flush=True); time.sleep(60)"
)


def running(pid: int) -> bool:
    """Tell whether a process is there, and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_cores_are_busy_meanwhile_and_no_longer() -> None:
    """An error ends it, too."""
    with suppress(ValueError), busy() as pids:
        assert [running(each) for each in pids] == [True, True]
        raise ValueError
    assert [running(each) for each in pids] == [False, False]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_cores_are_not_busy_when_whoever_keeps_them_so_is_ended(sent: signal.Signals) -> None:
    """Whatever the signal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout
    pids = [int(each) for each in (await process.stdout.readline()).split()]
    assert [running(each) for each in pids] == [True, True]
    process.send_signal(sent)
    await process.communicate()
    await eventually(lambda: not any(map(running, pids)), 10, "they have ended")
