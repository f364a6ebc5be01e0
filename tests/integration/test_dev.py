"""`make dev`: what is saved is served, and what is broken waits for the next save."""

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from seatrial.waiting import eventually
from tests.integration.service import free_port
from tests.overlays import CHECKOUT

LIMIT_SECONDS = 60.0
PAGE = Path("app", "routes", "docs.py")


class Session:
    """`python -m dev` on a copy of the service, and what it prints."""

    def __init__(self, directory: Path, port: int, process: asyncio.subprocess.Process) -> None:
        self.page = directory / PAGE
        self.process = process
        self.printed = ""
        self._url = f"http://127.0.0.1:{port}/docs"
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.printed += line.decode()

    async def until_served(self, title: str) -> None:
        """Wait until the page of the API has a title."""
        async with asyncio.timeout(LIMIT_SECONDS), httpx.AsyncClient() as client:
            while title not in await self._get(client):  # noqa: ASYNC110 - an HTTP server has no event to wait for
                await asyncio.sleep(0.05)

    async def until_printed(self, text: str) -> None:
        """Wait until a text was printed."""
        await eventually(lambda: text in self.printed, LIMIT_SECONDS, f"{text!r} is printed")

    async def end(self) -> int:
        """End it as a terminal's hang-up does; return the exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LIMIT_SECONDS):
            await self._reader
            return await self.process.wait()

    async def _get(self, client: httpx.AsyncClient) -> str:
        try:
            return (await client.get(self._url)).text
        except httpx.TransportError:
            return ""


@pytest.fixture
def port() -> int:
    """Return a port for the session."""
    return free_port()


@pytest.fixture
def taken(port: int) -> Iterator[None]:
    """Have somebody else listen on the port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        yield


@pytest.fixture
async def session(tmp_path: Path, port: int) -> AsyncIterator[Session]:
    """Yield a session in a directory of its own."""
    shutil.copytree(CHECKOUT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dev", "sqlite", str(port)),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(CHECKOUT)])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    started = Session(tmp_path, port, process)
    try:
        yield started
    finally:
        await started.end()


async def test_saved_file_is_served_and_a_broken_one_waits_for_the_next_save(session: Session) -> None:
    """The process that answers is a new one each time; ended, nothing is left that listens."""
    await session.until_served(": API")
    text = session.page.read_text()
    session.page.write_text(text.replace(": API", ": saved"))
    await session.until_served(": saved")
    session.page.write_text("def broken(:\n")
    await session.until_printed("the service has ended; the next save starts it again")
    assert "SyntaxError" in session.printed
    session.page.write_text(text.replace(": API", ": mended"))
    await session.until_served(": mended")
    assert await session.end() == 0


async def test_ended_session_leaves_its_port(session: Session, port: int) -> None:
    """Neither the process that reloads nor the one that serves outlives it."""
    await session.until_served(": API")
    await session.end()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


@pytest.mark.usefixtures("taken")
async def test_port_that_is_taken_is_named(session: Session, port: int) -> None:
    """With what to type."""
    await session.until_printed(f"dev: port {port}: Address already in use; give another, `make dev PORT=8001`")
    assert await session.process.wait() == 1
