"""podman for measurements: containers that come and go with a context, and what images contain."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from seatrial.command import Command
from seatrial.errors import PodmanError
from seatrial.podman.client import environment

MIB = 1024 * 1024


async def podman(*arguments: str, limit_seconds: float = 60.0) -> str:
    """Run podman and return what it prints; raise PodmanError."""
    completed = await Command(("podman", *arguments), limit_seconds, env=environment()).run()
    return completed.check(PodmanError).stdout.strip()


@asynccontextmanager
async def container(*arguments: str) -> AsyncIterator[str]:
    """Run a container in the background and give its id; it is removed in the end."""
    identity = await podman("run", "--detach", *arguments)
    try:
        yield identity
    finally:
        await podman("rm", "--force", "--time=0", "--volumes", identity)


async def inspect(kind: str, name: str) -> Any:
    """Return what podman knows of an image or a container."""
    return json.loads(await podman(kind, "inspect", name))[0]
