"""A PostgreSQL to read from: the image that the project deploys, in a container of its own, on the load's core."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from bench import podman
from bench.cores import LOAD
from bench.errors import BenchError
from seatrial.errors import PodmanError
from seatrial.host.ports import HOST, free_port
from seatrial.podman import images

IMAGE = "docker.io/library/postgres:17-trixie"
NAME = "seatrial"
PASSWORD_FILE = "/run/secrets/password"  # noqa: S105 - where it is, not what it is
READY_LIMIT_SECONDS = 60.0
POLL_SECONDS = 0.2


@asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    """Run PostgreSQL and give its URL; raise HarnessError when there is no image of it."""
    image, port, password = await images.obtain(IMAGE, tell=print), free_port(), secrets.token_hex(16)
    with _file(password) as path:
        options = (
            f"--publish={HOST}:{port}:5432",
            f"--cpuset-cpus={LOAD}",
            f"--volume={path}:{PASSWORD_FILE}:ro",
            f"--env=POSTGRES_USER={NAME}",
            f"--env=POSTGRES_DB={NAME}",
            f"--env=POSTGRES_PASSWORD_FILE={PASSWORD_FILE}",
        )
        async with podman.container(*options, image) as identity:
            await _until_ready(identity)
            yield f"postgresql+asyncpg://{NAME}:{password}@{HOST}:{port}/{NAME}"


@contextmanager
def _file(content: str) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile("w", prefix="seatrial-bench-") as file:
        file.write(content)
        file.flush()
        Path(file.name).chmod(0o644)  # the container's own user has to read it
        yield Path(file.name)


async def _until_ready(identity: str) -> None:
    # By TCP: while the cluster is being made, a temporary server answers on its socket alone.
    ask = ("exec", identity, "pg_isready", "--quiet", f"--host={HOST}", f"--username={NAME}", f"--dbname={NAME}")
    limit = time.monotonic() + READY_LIMIT_SECONDS
    while time.monotonic() < limit:
        try:
            await podman.podman(*ask)
        except PodmanError:
            await asyncio.sleep(POLL_SECONDS)
        else:
            return
    raise BenchError(f"PostgreSQL was not ready within {READY_LIMIT_SECONDS:g} s")
