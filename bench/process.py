"""One server as a process on its own core, its output drained, from its start to its end."""

import asyncio
import os
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bench.contenders import Contender
from bench.cores import on_servers_core
from bench.errors import BenchError
from tests.harness.command import Command
from tests.harness.exchange import Connection, Request
from tests.harness.ports import HOST, free_port

CHECKOUT = Path(__file__).resolve().parent.parent
READY_LIMIT_SECONDS = 60.0
POLL_SECONDS = 0.01
QUICK_END_SECONDS = 2.0
CHUNK_BYTES = 64 * 1024


class Server:
    """A contender that was started; `port` stays when it is started again."""

    def __init__(self, contender: Contender, directory: str) -> None:
        self.contender = contender
        self.port = free_port()
        self._directory = directory
        self._given = {"port": str(self.port), "directory": directory}
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("APP_")}
        self._environment |= {name: value.format(**self._given) for name, value in contender.variables.items()}
        self._environment["PYTHONPATH"] = str(CHECKOUT)
        self._process: asyncio.subprocess.Process | None = None
        self._said: deque[bytes] = deque(maxlen=4)

    @property
    def pid(self) -> int:
        """The process's id; its children are workers."""
        return self._running().pid

    def url(self, path: str) -> str:
        """Return the URL of a path on it."""
        return f"http://{HOST}:{self.port}{path}"

    async def prepare(self) -> None:
        """Run what it needs before it is started for the first time."""
        if self.contender.before:
            (await Command(self.contender.before, cwd=Path(self._directory), env=self._environment).run()).check()

    async def start(self) -> None:
        """Start it and wait until its readiness path answers 200."""
        drained, written = os.pipe()
        self._process = await asyncio.create_subprocess_exec(
            *on_servers_core(tuple(argument.format(**self._given) for argument in self.contender.argv)),
            cwd=self._directory,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
        os.close(written)
        threading.Thread(target=self._drain, args=(drained,), daemon=True).start()
        await self._until_ready()

    async def terminate(self) -> None:
        """End it as a deployment does, by SIGTERM, and wait until it has."""
        self._running().terminate()
        await self._running().wait()

    async def kill(self) -> None:
        """End it quickly, so that it leaves nothing behind; what is then left of it and its children, at once."""
        if self._process is not None:
            with suppress(ProcessLookupError, TimeoutError):
                self._process.send_signal(signal.SIGINT)
                await asyncio.wait_for(self._process.wait(), QUICK_END_SECONDS)
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise BenchError(f"{self.contender.name} has not been started")
        return self._process

    async def _until_ready(self) -> None:
        limit = time.monotonic() + READY_LIMIT_SECONDS
        while not await answers(self.port, self.contender.ready_path):
            if self._running().returncode is not None or time.monotonic() > limit:
                said = b"".join(self._said).decode(errors="replace")[-2000:]
                raise BenchError(f"{self.contender.name} did not become ready; it said:\n{said}")
            await asyncio.sleep(POLL_SECONDS)

    def _drain(self, descriptor: int) -> None:
        # A thread that only reads: as a container's runtime does, and without a line's cost in this event loop.
        with os.fdopen(descriptor, "rb", buffering=0) as pipe:
            while chunk := pipe.read(CHUNK_BYTES):
                self._said.append(chunk)


async def answers(port: int, path: str, timeout_seconds: float = 1.0) -> bool:
    """Tell whether a GET on a new connection is answered with success."""
    connection = Connection(HOST, port)
    try:
        return (await connection.exchange(Request(path), client="readiness", timeout_seconds=timeout_seconds)).ok
    finally:
        connection.close()


@asynccontextmanager
async def serving(contender: Contender) -> AsyncIterator[Server]:
    """Run a contender, ready, in a directory of its own; kill it in the end."""
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as directory:
        server = Server(contender, directory)
        try:
            await server.prepare()
            await server.start()
            yield server
        finally:
            await server.kill()
