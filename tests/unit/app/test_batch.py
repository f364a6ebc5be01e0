"""The access log's lines of a few turns of the event loop: written together."""

import asyncio
import json
from collections.abc import Iterable
from itertools import chain
from select import PIPE_BUF

import pytest

from app import logs


class Written:
    """What was written, and which lines together."""

    behind = False

    def __init__(self) -> None:
        self.numbers: list[list[int]] = []

    def write(self, lines: Iterable[bytes]) -> None:
        """Note the numbers that the lines have."""
        self.numbers.append([json.loads(line)["number"] for line in lines])


@pytest.fixture
async def written(monkeypatch: pytest.MonkeyPatch) -> Written:
    """Return what is written of lines that are emitted in this loop."""
    written = Written()
    monkeypatch.setattr(logs, "_lines", written)
    monkeypatch.setattr(logs, "_batch", logs.Batch(asyncio.get_running_loop()))
    return written


def emit(*numbers: int, length: int = 0) -> None:
    """Emit a line with each number."""
    for number in numbers:
        logs.emit("request", {"number": number, "text": "x" * length})


async def test_line_alone_is_written_at_the_end_of_its_turn(written: Written) -> None:
    """And not before."""
    emit(1)
    assert written.numbers == []
    await asyncio.sleep(0)
    assert written.numbers == [[1]]


async def test_lines_are_written_together_once_a_turn_has_brought_no_more(written: Written) -> None:
    """In their order; what comes after that is written for itself."""
    emit(1, 2)
    await asyncio.sleep(0)
    emit(3)
    await asyncio.sleep(0)
    assert written.numbers == []
    await asyncio.sleep(0)
    assert written.numbers == [[1, 2, 3]]
    emit(4)
    await asyncio.sleep(0)
    assert written.numbers == [[1, 2, 3], [4]]


async def test_lines_wait_for_no_more_than_a_pipe_takes_at_once(written: Written) -> None:
    """However many more each turn brings: a worker that is killed has few to lose."""
    for turn in range(8):
        emit(2 * turn, 2 * turn + 1, length=PIPE_BUF // 8)
        await asyncio.sleep(0)
    assert [len(together) for together in written.numbers] == [4, 4, 4, 4]
    assert list(chain(*written.numbers)) == list(range(16))
