"""A real PostgreSQL: the database of the overlay `podman-postgres`, played once, with a database for each test."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.settings import Settings
from seatrial.host.ports import HOST
from seatrial.kubelet.deployment import Deployment, deployed
from seatrial.manifests.kustomize import render
from seatrial.manifests.pods import COMPONENT
from tests.integration.databases import Database
from tests.overlays import overlay_path
from tests.settings import settings_of

LIMIT_SECONDS = 120.0
USER, PORT = "seatrial", 5432


class Server:
    """A PostgreSQL server that tests may connect to."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.pod = deployment.component("database")
        self.port = self.pod.host_port(PORT)
        (secret,) = (found for found in deployment.objects if found["kind"] == "Secret")
        (self.password,) = secret["stringData"].values()

    def url(self, database: str) -> str:
        """Return the URL of one of its databases, without the password."""
        return f"postgresql+asyncpg://{USER}@{HOST}:{self.port}/{database}"

    async def execute(self, statement: str, database: str = USER) -> None:
        """Run a statement outside of a transaction."""
        connection = await self.connect(database)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def connect(self, database: str) -> Any:
        """Return a connection that knows nothing of the service."""
        return await asyncpg.connect(
            host=HOST, port=self.port, user=USER, password=self.password, database=database, timeout=LIMIT_SECONDS
        )


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[Server]:
    """Play the overlay's database without its service."""
    objects = await render(overlay_path("podman-postgres"))
    database = [
        found
        for found in objects
        if found["kind"] != "Deployment" or COMPONENT in found["spec"]["template"]["metadata"]["labels"]
    ]
    async with deployed(database) as deployment:
        await deployment.pods[0].until_ready(LIMIT_SECONDS)
        yield Server(deployment)


@pytest.fixture
async def postgres(server: Server) -> AsyncIterator[Settings]:
    """Return settings with a database of the test's own, which is empty."""
    name = f"test_{secrets.token_hex(4)}"
    await server.execute(f"CREATE DATABASE {name}")
    yield settings_of(database_url=server.url(name), database_password=server.password, workers=1)
    async with asyncio.timeout(LIMIT_SECONDS):
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """Return an empty database of either kind."""
    if request.param == "postgresql":
        return Database(tmp_path, request.getfixturevalue("postgres"))
    return Database(tmp_path, settings_of(database_url=f"sqlite+aiosqlite:///{tmp_path}/test.db"))
