"""Ctrl-C, by real signals to a process of its own."""

import signal
import subprocess
import sys
import time

from seatrial.podman.recipe import CHECKOUT

PROGRAM = """
import asyncio
from seatrial import interrupt
from seatrial.waiting import to_the_end

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
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_clean_up_goes_on_after_a_second_interrupt() -> None:
    """People press Ctrl-C again when nothing seems to happen."""
    command = (sys.executable, "-c", PROGRAM)
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "working\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "removing\n"
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().split() == ["again", "again", "removed", "interrupted"]
    assert process.returncode == 0
