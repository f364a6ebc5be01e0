"""A server as its administrator works on it: the command `seatrial`, systemctl, and traffic while things happen."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from seatrial.command import Completed
from seatrial.errors import CommandError
from tests.server.machine import Machine

PYTHON = "/opt/venv/bin/python"
PORT = 8000
TEST_RATE = 100.0
"""What a busy machine can answer, too: tests look for what a change loses, not for what is too much."""
REPORT_SECONDS = 60.0
POLL_SECONDS = 0.2
RESTART_SECONDS = 150.0
UNITS = ("seatrial-blue", "seatrial-green", "seatrial-proxy")


@dataclass(frozen=True)
class Server:
    """The installation of root, or of a user, on a machine."""

    machine: Machine
    user: str | None = None

    async def seatrial(self, *arguments: str, stdin: bytes | None = None) -> Completed:
        """Run the tool and return what it left."""
        return await self.machine.run(PYTHON, "-m", "seatrial", "server", *arguments, user=self.user, stdin=stdin)

    async def killed_at(self, text: str, *arguments: str) -> Completed:
        """Run the tool and kill it when it says so; the exit code tells whether it was."""
        return await self.machine.run(PYTHON, "-m", "tests.server.kill_at", text, *arguments, user=self.user)

    async def systemctl(self, *arguments: str) -> str:
        """Return what systemctl prints, whatever its exit code."""
        scope = ("--user",) if self.user else ()
        return (await self.machine.run("systemctl", *scope, *arguments, user=self.user)).stdout.strip()

    async def active(self) -> dict[str, str]:
        """Return the state of the units of the colours and the proxy."""
        return dict(zip(UNITS, (await self.systemctl("is-active", *UNITS)).split(), strict=True))

    async def until_started_again(self, unit: str, limit_seconds: float = RESTART_SECONDS) -> None:
        """Wait until systemd has started a unit again by itself."""
        async with asyncio.timeout(limit_seconds):
            while await self.systemctl("show", "--value", "--property=NRestarts", unit) == "0":  # noqa: ASYNC110 - systemd tells nobody
                await asyncio.sleep(POLL_SECONDS)

    async def live(self) -> str:
        """Return the unit of the colour that new requests go to."""
        ask = ("podman", "exec", "seatrial-proxy-pod-seatrial-proxy", "curl", "-sS", "http://127.0.0.1:8081/live")
        return f"seatrial-{await self.machine.ask(*ask, user=self.user)}"

    async def ready(self) -> bool:
        """Tell whether the service answers by the proxy that it is ready."""
        asked = await self.machine.run("curl", "-sS", "--fail", f"http://127.0.0.1:{PORT}/health/ready")
        return asked.returncode == 0

    async def until_ready(self, limit_seconds: float = 120.0) -> None:
        """Wait until the service answers by the proxy that it is ready."""
        async with asyncio.timeout(limit_seconds):
            while not await self.ready():  # noqa: ASYNC110 - it is asked from outside
                await asyncio.sleep(POLL_SECONDS)

    @asynccontextmanager
    async def traffic(self, rate: float = TEST_RATE) -> AsyncIterator["Report"]:
        """Send so many requests/s to the proxy for as long as the context lasts; the report is whole after it."""
        report = Report()
        process = await asyncio.create_subprocess_exec(
            *self.machine.argv(PYTHON, "-m", "tests.server.load", str(PORT), str(rate)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if await process.stdout.readline() != b"sending\n":
                raise CommandError("the traffic did not start")
            yield report
            process.stdin.close()
            async with asyncio.timeout(REPORT_SECONDS):
                report.found = json.loads(await process.stdout.read())
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


@dataclass
class Report:
    """What became of the traffic."""

    found: dict[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        """How many requests failed."""
        return int(self.found["failed"])

    @property
    def sent(self) -> int:
        """How many were sent."""
        return int(self.found["sent"])

    def __str__(self) -> str:
        """Return all of it."""
        return json.dumps(self.found, indent=1)
