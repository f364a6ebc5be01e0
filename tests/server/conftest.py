"""One machine for all tests of servers, with the service installed on it; each test leaves it whole."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.kubelet.deployment import new_run
from tests.server.machine import Machine
from tests.server.machines import USER, archive, build_machine
from tests.server.server import Server


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of the images that a server needs."""
    return asyncio.run(archive(tmp_path_factory.mktemp("images") / "images.tar"))


@pytest.fixture(scope="session")
def machine(images: Path) -> Iterator[Machine]:
    """Yield a machine that has the images and nothing else."""
    made = Machine(f"seatrial-test-{new_run()}", asyncio.run(build_machine()))
    try:
        asyncio.run(made.boot())
        asyncio.run(made.load_images(images))
        yield made
    finally:
        asyncio.run(made.remove())


@pytest.fixture(scope="session")
def users_machine(images: Path) -> Iterator[Machine]:
    """Yield a machine whose user has the images, does not linger, and has installed nothing."""
    made = Machine(f"seatrial-test-{new_run()}", asyncio.run(build_machine()))

    async def boot() -> None:
        await made.boot()
        # A login by ssh starts the user's manager; here nobody logs in.
        await made.ask("systemctl", "start", "user@1000.service")
        await made.load_images(images, user=USER)

    try:
        asyncio.run(boot())
        yield made
    finally:
        asyncio.run(made.remove())


@pytest.fixture(scope="session")
def installed(machine: Machine) -> Server:
    """Return the server of root on it, with the overlay `podman-blue-green`."""
    server = Server(machine)
    asyncio.run(server.seatrial("install", "kustomize/overlays/podman-blue-green")).check()
    return server
