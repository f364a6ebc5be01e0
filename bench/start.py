"""From the container's start, on one core, to the first 200 of its readiness."""

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import podman
from bench.contenders import HELLO
from bench.cores import SERVERS
from bench.effort import Effort
from bench.errors import BenchError
from bench.process import CHECKOUT, answers
from bench.pythons import image
from bench.rounds import interleaved, ratios, spread
from bench.rows import Row, at_most
from seatrial.command import Command
from seatrial.host.ports import HOST, free_port

LIMIT_SECONDS = 60.0
POLL_SECONDS = 0.005


# The image's own shell, for uvicorn's command line does not read the port that the service's variables name.
BARE_OPTIONS = (f"--volume={CHECKOUT}/bench:/srv/service/bench:ro", "--security-opt=label=disable", "--entrypoint=sh")
BARE_ARGUMENTS = ("-c", "exec uvicorn bench.servers.bare:app --host $APP_HOST --port $APP_PORT --no-access-log")


@dataclass(frozen=True)
class Start:
    """What is started: podman's arguments up to the end, and the path that answers when it is."""

    arguments: tuple[str, ...]
    ready_path: str


async def measure(effort: Effort) -> list[Row]:
    """Return the rows."""
    identity = await image()
    service, bare = Start((identity,), "/health/ready"), Start((*BARE_OPTIONS, identity, *BARE_ARGUMENTS), HELLO)
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as directory:
        await _migrate(Path(directory))

        async def start(what: Start) -> tuple[float, float]:
            return await _start(what, directory)

        samples = await interleaved((service, bare), start, effort.starts)
    started = {each: [start for start, _ in samples[each]] for each in (service, bare)}
    whole = spread([with_podman for _, with_podman in samples[service]])
    return [
        Row("container's start to first 200, one core", "s", spread(started[service]), at_most(1.0)),
        Row(
            "container's start to first 200, (c) to (a)",
            "x",
            ratios(started[service], started[bare]),
            note="(a) has no database, and one process less",
        ),
        Row("container's start to first 200, (a) bare FastAPI", "s", spread(started[bare])),
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


async def _start(what: Start, directory: str) -> tuple[float, float]:
    port = free_port()
    options = ("--network=host", "--cpus=1", f"--cpuset-cpus={SERVERS}", "--read-only", f"--volume={directory}:/data")
    variables = (f"APP_HOST={HOST}", f"APP_PORT={port}", "APP_DATABASE_URL=sqlite+aiosqlite:////data/seatrial.db")
    began = datetime.now(UTC)
    async with podman.container(
        *options, *(f"--env={variable}" for variable in variables), *what.arguments
    ) as identity:
        answered = await _first_answer(port, what.ready_path)
        started = datetime.fromisoformat((await podman.inspect("container", identity))["State"]["StartedAt"])
    return (answered - started).total_seconds(), (answered - began).total_seconds()


async def _first_answer(port: int, path: str) -> datetime:
    limit = time.monotonic() + LIMIT_SECONDS
    while not await answers(port, path):
        if time.monotonic() > limit:
            raise BenchError(f"the container did not become ready within {LIMIT_SECONDS:g} s")
        await asyncio.sleep(POLL_SECONDS)
    return datetime.now(UTC)
