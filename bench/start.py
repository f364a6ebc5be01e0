"""From the container's start, on one core, to the first 200 of its readiness."""

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench import podman
from bench.cores import SERVERS
from bench.effort import Effort
from bench.errors import BenchError
from bench.process import CHECKOUT, answers
from bench.rounds import interleaved, spread
from bench.rows import Row, at_most
from tests.harness import images
from tests.harness.command import Command
from tests.harness.ports import HOST, free_port

LIMIT_SECONDS = 60.0
POLL_SECONDS = 0.005


async def measure(effort: Effort) -> list[Row]:
    """Return the rows."""
    image = await images.build(await images.base_images(tell=print))
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as directory:
        await _migrate(Path(directory))

        async def start(image: str) -> tuple[float, float]:
            return await _start(image, directory)

        samples = (await interleaved((image,), start, effort.starts))[image]
    whole = spread([with_podman for _, with_podman in samples])
    return [
        Row("container's start to first 200, one core", "s", spread([start for start, _ in samples]), at_most(1.0)),
        Row("the same from `podman run`", "s", whole),
    ]


async def _migrate(directory: Path) -> None:
    """Make the database there, as the init container does before."""
    variables = {"APP_DATABASE_URL": f"sqlite+aiosqlite:///{directory}/seatrial.db"}
    (await Command((sys.executable, "-m", "app", "migrate"), cwd=CHECKOUT, env=variables).run()).check()
    _give_to_all(directory)


def _give_to_all(directory: Path) -> None:
    """Let every user write, for the container's is another one."""
    directory.chmod(0o777)
    for file in directory.iterdir():
        file.chmod(0o666)


async def _start(image: str, directory: str) -> tuple[float, float]:
    port = free_port()
    options = ("--network=host", "--cpus=1", f"--cpuset-cpus={SERVERS}", "--read-only", f"--volume={directory}:/data")
    variables = (f"APP_HOST={HOST}", f"APP_PORT={port}", "APP_DATABASE_URL=sqlite+aiosqlite:////data/seatrial.db")
    began = datetime.now(UTC)
    async with podman.container(*options, *(f"--env={variable}" for variable in variables), image) as identity:
        answered = await _first_answer(port)
        started = datetime.fromisoformat((await podman.inspect("container", identity))["State"]["StartedAt"])
    return (answered - started).total_seconds(), (answered - began).total_seconds()


async def _first_answer(port: int) -> datetime:
    limit = time.monotonic() + LIMIT_SECONDS
    while not await answers(port, "/health/ready"):
        if time.monotonic() > limit:
            raise BenchError(f"the container did not become ready within {LIMIT_SECONDS:g} s")
        await asyncio.sleep(POLL_SECONDS)
    return datetime.now(UTC)
