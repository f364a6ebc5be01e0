"""One container without a manifest, as docs/operations.md types it."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from images import service
from seatrial.command import Command, Completed
from seatrial.host.ports import HOST, free_port
from seatrial.kubelet.deployment import new_run
from tests.docs.commands import blocks
from tests.docs.generated import OPERATIONS
from tests.e2e.inside import PRIVILEGES

pytestmark = pytest.mark.podman_only(reason="podman run makes it")

LIMIT_SECONDS = 60.0
TITLE = "## One container, without a manifest\n"


class Typed:
    """The document's commands, with names and a port that nothing else has."""

    def __init__(self) -> None:
        self.run = new_run()
        self.port = free_port()
        self.name = f"container-{self.run}"
        self.url = f"http://{HOST}:{self.port}"
        part = OPERATIONS.read_text().partition(TITLE)[2].partition("\n## ")[0]
        (block,) = blocks(part, "console")
        self.commands = [self._renamed(line.removeprefix("$ ")) for line in block.splitlines()]

    def _renamed(self, command: str) -> str:
        name = service.reference().rpartition("/")[2].rpartition(":")[0]
        for old, new in (
            (f"--name={name}", f"--name={self.name}"),
            (f"podman stop {name}", f"podman stop {self.name}"),
            (f"{name}-data", f"{self.name}-data"),
            ("create APP_DATABASE_URL", f"create {self.name}"),
            ("--secret=APP_DATABASE_URL", f"--secret={self.name},target=/run/secrets/APP_DATABASE_URL"),
            ("127.0.0.1:8000:8000", f"{HOST}:{self.port}:8000"),
        ):
            command = command.replace(old, new)
        return command

    async def type(self, number: int) -> str:
        """Type one of the commands; return what it prints."""
        return (await sh(self.commands[number])).check().stdout

    async def exit_code(self) -> int:
        """Return what the container ended with."""
        return int((await sh(f"podman inspect --format='{{{{.State.ExitCode}}}}' {self.name}")).check().stdout)


async def sh(command: str) -> Completed:
    """Run a shell's command."""
    return await Command(("sh", "-c", command), LIMIT_SECONDS).run()


@pytest.fixture
async def typed() -> AsyncIterator[Typed]:
    """Yield the commands, and remove what they made."""
    made = Typed()
    try:
        yield made
    finally:
        for remove in ("rm --force --time=0", "secret rm", "volume rm --force"):
            await sh(f"podman {remove} {made.name}{'-data' if remove.startswith('volume') else ''}")


async def answers(url: str) -> bool:
    """Tell whether the service says that it is ready."""
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{url}/health/ready")).is_success
        except httpx.TransportError:
            return False


async def until_ready(url: str) -> None:
    """Wait until it says so."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while not await answers(url):  # noqa: ASYNC110 - an HTTP server has no event to wait for
            await asyncio.sleep(0.1)


async def test_container_serves_without_privileges_and_drains_when_it_is_stopped(typed: Typed) -> None:
    """The secret is read from /run/secrets; podman kills nothing, and the lame duck answers meanwhile."""
    for number in range(3):
        await typed.type(number)
    await until_ready(typed.url)
    seen = json.loads((await sh(f"podman exec {typed.name} python -c '{PRIVILEGES}'")).check().stdout)
    assert (set(seen["uid"]), seen["capabilities"]["CapEff"]) == ({"10001"}, 0)
    assert seen["root"] == "Read-only file system"
    assert (await sh(f"podman healthcheck run {typed.name}")).returncode == 0

    begun = time.monotonic()
    stopping = asyncio.create_task(typed.type(3))
    async with httpx.AsyncClient(base_url=typed.url) as client:
        async with asyncio.timeout(LIMIT_SECONDS):
            while (await client.get("/health/ready")).status_code != 503:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.1)
        assert (await client.post("/api/v1/notes", json={"title": "last"})).status_code == 201
    await stopping
    assert (await typed.exit_code(), time.monotonic() - begun < 35) == (0, True)


async def test_container_that_has_no_time_to_drain_is_killed(typed: Typed) -> None:
    """The negative: podman's SIGKILL is what `--stop-timeout` prevents."""
    typed.commands[2] = typed.commands[2].replace("--stop-timeout=35", "--stop-timeout=1")
    for number in range(3):
        await typed.type(number)
    await until_ready(typed.url)
    await typed.type(3)
    assert await typed.exit_code() == 128 + signal.SIGKILL
