"""The access log's lines of one turn of the event loop: written together."""

import asyncio
import json
from collections.abc import Iterable

import pytest

from app import logs


async def test_lines_of_one_turn_are_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, at the turn's end and not before; the next turn's are another."""
    written: list[list[bytes]] = []

    class Lines:
        behind = False

        def write(self, lines: Iterable[bytes]) -> None:
            written.append(list(lines))

    monkeypatch.setattr(logs, "_lines", Lines())
    monkeypatch.setattr(logs, "_batch", logs.Batch(asyncio.get_running_loop()))
    for number in range(3):
        logs.emit("request", {"number": number})
    assert written == []
    await asyncio.sleep(0)
    logs.emit("request", {"number": 3})
    await asyncio.sleep(0)
    assert [[json.loads(line)["number"] for line in each] for each in written] == [[0, 1, 2], [3]]
