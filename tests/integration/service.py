"""The service as a process of its own on this machine, for tests that send it real signals."""

import asyncio
import json
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from seatrial.waiting import eventually
from tests import tables

LIMIT_SECONDS = 60.0


class Service:
    """One `python -m app` process and what it prints."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, directory: Path) -> None:
        self.process = process
        self.directory = directory
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.metrics = Path(f"/dev/shm/seatrial-metrics-{port}-{process.pid}")  # noqa: S108 - killed, it leaves them there
        self.lines: list[str] = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        if self.process.stdout is None:
            return  # somebody else's
        async for line in self.process.stdout:
            self.lines.append(line.decode())

    def events(self) -> list[dict[str, Any]]:
        """Return what it has logged; every line must be one JSON object."""
        return [json.loads(line) for line in self.lines]

    def workers(self) -> list[int]:
        """Return the pids of all workers that it has ever started, the oldest first."""
        boots = [line["event"] for line in self.events() if "Booting worker" in line["event"]]
        return [int(boot.rsplit(" ", 1)[1]) for boot in boots]

    def children(self) -> list[int]:
        """Return the pids of the processes that it has now."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    async def until_printed(self, text: str, count: int = 1) -> None:
        """Wait until it has printed `count` lines with `text` in them."""
        await eventually(lambda: self.printed(text) >= count, LIMIT_SECONDS, f"{count} lines with {text!r}")

    def printed(self, text: str) -> int:
        """Return how many lines with `text` in them it has printed."""
        return sum(text in line for line in self.lines)

    async def until_ready(self, *, ready: bool = True) -> None:
        """Wait until its readiness endpoint answers, with success or (`ready=False`) without."""
        async with asyncio.timeout(LIMIT_SECONDS), httpx.AsyncClient() as client:
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get(f"{self.url}/health/ready")).is_success is ready:
                        return
                await asyncio.sleep(0.05)

    async def until_refused(self) -> None:
        """Wait until it accepts no connections."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except ConnectionRefusedError:
                    return
                writer.close()
                await asyncio.sleep(0.05)

    async def exit_code(self) -> int:
        """Wait until it has ended and return its exit code."""
        async with asyncio.timeout(LIMIT_SECONDS):
            code = await self.process.wait()
            await self._reader
        return code


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(
    directory: Path, *arguments: str, module: str = "app", stdout: Any = asyncio.subprocess.PIPE, **variables: str
) -> AsyncIterator[Service]:
    """Run the service in `directory` with settings from `variables`; kill what is left of it in the end.

    What it prints is read, unless `stdout` is a descriptor of somebody else's.

    Unless it is to migrate, its database has the tables.
    """
    port = free_port()
    database = directory / "test.db"
    if arguments != ("migrate",) and not database.exists():
        tables.create_file(database)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("APP_")} | {
        "APP_HOST": "127.0.0.1",
        "APP_PORT": str(port),
        "APP_DATABASE_URL": f"sqlite+aiosqlite:///{database}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        **variables,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        cwd=directory,
        env=environment,
        stdout=stdout,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    service = Service(process, port, directory)
    try:
        yield service
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        await service.exit_code()
        shutil.rmtree(service.metrics, ignore_errors=True)


async def migrated(directory: Path) -> None:
    """Create the tables in the database of `directory`."""
    async with running(directory, "migrate") as service:
        assert await service.exit_code() == 0
