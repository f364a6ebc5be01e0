"""A listing, of a real process, over a podman that is played by a double."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from seatrial.podman.client import ContainerState, Podman
from seatrial.podman.listing import Listing

FOUND, NOT_FOUND = "proc", "0123456789abcdef"
"""An id that is in the mounts of every process, and one that is in none."""


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that waits."""
    with subprocess.Popen((sys.executable, "-c", "import time; time.sleep(600)")) as started:
        yield started
        started.kill()


@dataclass
class Asked(Podman):
    """A podman with one container, which counts how often it is asked."""

    container: str = FOUND
    pid: int = 0
    running: bool = True
    times: int = field(default=0)

    async def inspect(self, container: str) -> ContainerState:
        """Return the present state."""
        self.times += 1
        moment = datetime.now(UTC)
        status = "running" if self.running else "exited"
        instance = f"{self.container}@{moment.isoformat()}"
        return ContainerState(container, instance, self.running, status, 0, moment, None, False, "SIGTERM", self.pid)  # noqa: FBT003 - as they stand there


async def test_podman_is_asked_again_only_once_the_process_has_ended(process: subprocess.Popen[bytes]) -> None:
    """Until then the state is what it was; afterwards it is what podman says, each time while nothing runs."""
    podman = Asked(pid=process.pid)
    listing = Listing(podman, "web")
    assert [(await listing.state()).running for _ in range(3)] == [True] * 3
    assert podman.times == 1
    process.kill()
    process.wait()
    podman.running = False
    assert [(await listing.state()).running for _ in range(2)] == [False] * 2
    assert podman.times == 3


async def test_podman_is_asked_each_time_where_the_process_is_not_the_containers(
    process: subprocess.Popen[bytes],
) -> None:
    """It is another machine's: what this one has under its pid says nothing."""
    podman = Asked(container=NOT_FOUND, pid=process.pid)
    listing = Listing(podman, "web")
    for _ in range(3):
        await listing.state()
    assert podman.times == 3
