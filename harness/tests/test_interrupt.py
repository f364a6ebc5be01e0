"""Ctrl-C and SIGTERM, by real signals to a process of its own."""

import signal
import subprocess
import sys
import time

import pytest

PROGRAM = """
import asyncio
import sys
from seatrial import interrupt
from seatrial.waiting import to_the_end
from tests.overlays import CHECKOUT

async def clean_up():
    print("removing", flush=True)
    await asyncio.sleep(1)
    print("removed", flush=True)

async def work():
    try:
        print("working", flush=True)
        await asyncio.sleep(60)
    finally:
        await to_the_end(clean_up())

try:
    interrupt.run(work(), lambda: print("again", flush=True))
except interrupt.Interrupted as error:
    print("interrupted", flush=True)
    sys.exit(error.exit_code)
"""


@pytest.mark.parametrize(("first", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_clean_up_goes_on_after_a_second_interrupt(first: signal.Signals, code: int) -> None:
    """People press Ctrl-C again when nothing seems to happen, and who sends SIGTERM sends it again."""
    command = (sys.executable, "-c", PROGRAM)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "working\n"
        process.send_signal(first)
        assert process.stdout.readline() == "removing\n"
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read().split() == ["again", "again", "removed", "interrupted"]
    assert process.returncode == code
