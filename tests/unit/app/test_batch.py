"""The access log's lines of one turn of the event loop: written together, and never torn."""

import asyncio
import json
from select import PIPE_BUF

import pytest

from app import logs


@pytest.fixture
async def writes(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return what is written, a write each, of a log that is written by turns."""
    written: list[bytes] = []

    class Lines:
        def msg(self, line: bytes) -> None:
            written.append(line)

    monkeypatch.setattr(logs, "_lines", Lines())
    monkeypatch.setattr(logs, "_batch", logs.Batch(asyncio.get_running_loop()))
    return written


async def test_lines_of_one_turn_are_one_write(writes: list[bytes]) -> None:
    """In their order, at the turn's end and not before; the next turn's are another."""
    for number in range(3):
        logs.emit("request", {"number": number})
    assert writes == []
    await asyncio.sleep(0)
    logs.emit("request", {"number": 3})
    await asyncio.sleep(0)
    assert [[json.loads(line)["number"] for line in each.splitlines()] for each in writes] == [[0, 1, 2], [3]]


async def test_no_write_is_larger_than_a_pipe_takes_at_once(writes: list[bytes]) -> None:
    """Else the lines of two workers could be mixed; a line that is longer by itself is the one exception."""
    sizes = [10, 3000, 1000, 2000, PIPE_BUF, 5, *[200] * 40]
    for number, size in enumerate(sizes):
        logs.emit("request", {"number": number, "padding": "x" * size})
    await asyncio.sleep(0)
    assert [json.loads(line)["number"] for each in writes for line in each.splitlines()] == list(range(len(sizes)))
    assert [len(each) + 1 > PIPE_BUF for each in writes].count(True) == 1
    assert len(writes) < len(sizes) / 2
