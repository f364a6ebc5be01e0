"""One at a time."""

import asyncio
from pathlib import Path

import pytest

from seatrial.errors import NotPermittedError
from seatrial.host.turn import turn
from seatrial.waiting import eventually


async def test_the_second_waits_until_the_first_is_done(tmp_path: Path) -> None:
    """It says so, once."""
    told: list[str] = []
    entered = asyncio.Event()

    async def second() -> None:
        async with turn(tmp_path, waiting=lambda: told.append("waits")):
            entered.set()

    async with turn(tmp_path, waiting=lambda: told.append("the first waits")):
        waiting = asyncio.create_task(second())
        await eventually(lambda: bool(told), 30, "the second waits")
        assert not entered.is_set()
    async with asyncio.timeout(30):
        await waiting
    assert told == ["waits"]


async def test_a_wait_can_be_interrupted(tmp_path: Path) -> None:
    """And the first keeps its turn."""
    told: list[str] = []

    async def second() -> None:
        async with turn(tmp_path, waiting=lambda: told.append("waits")):
            pytest.fail("it had its turn")

    async with turn(tmp_path, waiting=lambda: None):
        waiting = asyncio.create_task(second())
        await eventually(lambda: bool(told), 30, "the second waits")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(NotPermittedError, match="gone cannot be opened"):
        async with turn(tmp_path / "gone", waiting=lambda: None):
            pass
