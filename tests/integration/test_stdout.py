"""Stdout as a container's reader leaves it: unread, closed, full, shared by workers, or not there."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.service import Service, running

QUICKLY = {"APP_LAME_DUCK_SECONDS": "0", "APP_LINGER_SECONDS": "0"}

LONG_LINES = """
import sys
from app import logs
from app.__main__ import main
from app.routes import health

@health.router.get("/long/{letter}")
async def long(letter: str) -> None:
    logs.emit("long", {"text": letter * 200_000})

sys.exit(main(["serve"]))
"""


async def test_long_lines_of_two_workers_are_whole(tmp_path: Path) -> None:
    """A traceback is longer than a pipe takes at once, and more than it holds: no other worker's line comes between."""
    (tmp_path / "long.py").write_text(LONG_LINES)
    variables = {"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}", "WEB_CONCURRENCY": "2", **QUICKLY}
    reader, writer = os.pipe()
    async with running(tmp_path, "serve", module="long", stdout=writer, **variables) as service:
        os.close(writer)
        reading = asyncio.create_task(asyncio.to_thread(read_all, reader, 1000))
        await service.until_ready()

        async def ask(letter: str) -> None:
            for _ in range(10):  # each on a connection of its own: by turns of this worker and of that
                async with httpx.AsyncClient() as client:
                    await client.get(f"{service.url}/health/long/{letter}")

        await asyncio.gather(*(ask(letter) for letter in "abcd"))
        service.process.terminate()
        assert await service.exit_code() == 0
        events = [json.loads(line) for line in (await reading).splitlines()]
    os.close(reader)
    texts = [event["text"] for event in events if event["event"] == "long"]
    assert {(text[0], len(set(text)), len(text)) for text in texts} == {(letter, 1, 200_000) for letter in "abcd"}
    assert len(texts) + sum(dropped_by(events)) >= 40


def dropped_by(events: list[dict[str, Any]]) -> list[int]:
    """Return the numbers of dropped lines that the log tells of."""
    return [event["lines"] for event in events if event["event"].startswith("log lines were dropped")]


def read_all(fd: int, size: int) -> bytes:
    """Read to the end, in pieces of at most `size` bytes."""
    return b"".join(iter(lambda: os.read(fd, size), b""))


@asynccontextmanager
async def unread(directory: Path, **variables: str) -> AsyncIterator[tuple[Service, int]]:
    """Run the service with a pipe as stdout that nobody reads; yield it and the pipe's end to read from."""
    reader, writer = os.pipe()
    try:
        paths = f"{directory}:{Path(__file__).parents[2]}"
        (directory / "long.py").write_text(LONG_LINES)
        async with running(
            directory, "serve", module="long", stdout=writer, PYTHONPATH=paths, WEB_CONCURRENCY="1", **variables
        ) as service:
            os.close(writer)
            await service.until_ready()
            yield service, reader
    finally:
        os.close(reader)


async def ask_often(service: Service, times: int) -> None:
    """Send so many requests that leave a long line each, where the service has a route for it; have their answers."""
    async with httpx.AsyncClient() as client:
        for _ in range(times):
            assert (await client.get(f"{service.url}/health/long/x")).status_code in (200, 404)


async def dropped(service: Service) -> float:
    """Return how many lines the service says that it has dropped."""
    async with httpx.AsyncClient() as client:
        metrics = (await client.get(f"{service.url}/metrics")).text
    (number,) = re.findall(r"^seatrial_log_lines_dropped_total (.*)$", metrics, re.MULTILINE)
    return float(number)


async def test_stdout_that_nobody_reads_holds_up_nobody(tmp_path: Path) -> None:
    """Requests and probes are answered, lines are dropped and counted, and SIGTERM ends it with 0."""
    async with unread(tmp_path, **QUICKLY) as (service, _):
        await ask_often(service, 20)
        assert await dropped(service) > 0
        await service.until_ready()
        service.process.terminate()
        assert await service.exit_code() == 0


async def test_reader_that_comes_back_learns_what_it_missed(tmp_path: Path) -> None:
    """What was kept, then one line with the number that was dropped, then what follows: nothing is torn."""
    async with unread(tmp_path, **QUICKLY) as (service, reader):
        await ask_often(service, 20)
        missing = await dropped(service)
        assert missing > 0
        read = asyncio.create_task(asyncio.to_thread(read_all, reader, 1 << 16))
        service.process.terminate()
        assert await service.exit_code() == 0
        events = [json.loads(line) for line in (await read).splitlines()]
    written = [event for event in events if event["event"] in ("long", "request") and "ready" not in str(event)]
    (told,) = dropped_by(events)
    assert told >= missing
    assert len(written) + told >= 2 * 20


@pytest.mark.parametrize("target", ["/dev/full", "closed"])
async def test_stdout_that_takes_nothing_is_no_error(tmp_path: Path, target: str) -> None:
    """A full disk, or a reader that has left: requests are answered all the same."""
    if target == "closed":
        reader, stdout = os.pipe()
        os.close(reader)
    else:
        stdout = os.open(target, os.O_WRONLY)
    async with running(tmp_path, "serve", stdout=stdout, **QUICKLY) as service:
        os.close(stdout)
        await service.until_ready()
        await ask_often(service, 3)
        assert await dropped(service) > 0
        service.process.terminate()
        assert await service.exit_code() == 0


async def test_service_without_stdin_stdout_and_stderr_serves(tmp_path: Path) -> None:
    """Its sockets do not get their numbers: no log line is written into a client's connection."""
    script = "import os, sys; os.closerange(0, 3); os.execv(sys.executable, [sys.executable, '-m', 'app', 'serve'])"
    (tmp_path / "bare.py").write_text(script)
    paths = f"{tmp_path}:{Path(__file__).parents[2]}"
    async with running(tmp_path, "serve", module="bare", PYTHONPATH=paths) as service:
        await service.until_ready()
        await ask_often(service, 20)
        open_files = Path(f"/proc/{service.process.pid}/fd")
        assert [str((open_files / str(fd)).readlink()) for fd in range(3)] == ["/dev/null"] * 3
