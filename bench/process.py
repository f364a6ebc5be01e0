"""One server in a container of the service's image, on its own core, from its start to its end.

So all are run by the image's Python and its locked packages; the code is the checkout's.
"""

import asyncio
import os
import tempfile
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bench import podman
from bench.contenders import Contender
from bench.cores import SERVERS
from bench.errors import BenchError
from bench.pythons import image
from seatrial.command import Command
from seatrial.host.ports import HOST, free_port
from seatrial.podman.client import environment
from seatrial.traffic.exchange import Connection, Request

CHECKOUT = Path(__file__).resolve().parent.parent
READY_LIMIT_SECONDS = 60.0
POLL_SECONDS = 0.01
CHUNK_BYTES = 64 * 1024


class Server:
    """A contender that was started; `port` stays when it is started again."""

    def __init__(self, contender: Contender, directory: str) -> None:
        self.contender = contender
        self.port = free_port()
        self._directory = directory
        self._given = {"port": str(self.port), "directory": directory}
        self._variables = {name: value.format(**self._given) for name, value in contender.variables.items()}
        self._name = f"seatrial-bench-{self.port}"
        self._pid = 0
        self._process: asyncio.subprocess.Process | None = None
        self._said: deque[bytes] = deque(maxlen=4)

    @property
    def pid(self) -> int:
        """The id of the container's first process; its children are workers."""
        return self._pid

    def url(self, path: str) -> str:
        """Return the URL of a path on it."""
        return f"http://{HOST}:{self.port}{path}"

    async def prepare(self) -> None:
        """Run what it needs before it is started for the first time."""
        if self.contender.before:
            command = Command((*await self._python(), *self.contender.before), env=environment())
            (await command.run()).check()

    async def start(self) -> None:
        """Start it and wait until its readiness path answers 200."""
        drained, written = os.pipe()
        self._process = await asyncio.create_subprocess_exec(
            *await self._python(),
            *(argument.format(**self._given) for argument in self.contender.argv),
            env={**os.environ, **environment()},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
        os.close(written)
        threading.Thread(target=self._drain, args=(drained,), daemon=True).start()
        await self._until_ready()
        self._pid = (await podman.inspect("container", self._name))["State"]["Pid"]

    async def terminate(self) -> None:
        """End it as a deployment does, by SIGTERM, and wait until it has."""
        await podman.podman("kill", "--signal=TERM", self._name)
        await self._running().wait()

    async def kill(self) -> None:
        """End it at once and remove it."""
        if self._process is not None:
            await podman.podman("rm", "--force", "--ignore", "--time=0", self._name)
            await self._process.wait()

    async def _python(self) -> tuple[str, ...]:
        identity = await image(self.contender.python)
        return python_in(identity, self._name, self._variables, self._directory, *self.contender.options)

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


def python_in(identity: str, name: str, variables: Mapping[str, str], directory: str, *options: str) -> tuple[str, ...]:
    """Return the command, to be continued by arguments, that runs an image's Python with the checkout's code.

    It writes to `directory` alone, and prints to where this process says, not by way of podman; `options` are podman's.
    """
    return (
        *("podman", "run", "--rm", f"--name={name}", "--log-driver=passthrough", "--network=host"),
        *(f"--cpuset-cpus={SERVERS}", "--user=root", "--security-opt=label=disable", "--entrypoint=python"),
        *(f"--volume={CHECKOUT}:{CHECKOUT}:ro", f"--volume={directory}:{directory}", f"--workdir={directory}"),
        *(f"--env={name}={value}" for name, value in {**variables, "PYTHONPATH": str(CHECKOUT)}.items()),
        *options,
        identity,
    )


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
