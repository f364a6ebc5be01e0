"""PostgreSQL behind a real PgBouncer, in both of its modes: the service works, statements end, and outages pass."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.database import Database
from app.errors import UnavailableError
from app.lifecycle import Lifecycle
from app.main import create_app
from app.settings import Settings
from seatrial.host.ports import HOST
from seatrial.kubelet import faults
from seatrial.kubelet.deployment import deployed
from seatrial.kubelet.pod import Pod
from seatrial.manifests.kustomize import render
from seatrial.manifests.pods import COMPONENT
from seatrial.podman.client import Podman
from tests.integration.conftest import LIMIT_SECONDS, USER
from tests.integration.service import running
from tests.integration.test_postgres_outages import NOTES, QUICK, is_unavailable
from tests.overlays import overlay_path
from tests.settings import settings_of

PORT = 6432
SLEEP = text("SELECT pg_sleep(600)")
RUNNING = text("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600)'")


class Pooled(NamedTuple):
    """The pods of the overlay `podman-postgres-pooled` without the service, and settings to reach the pooler by."""

    podman: Podman
    database: Pod
    pooler: Pod
    settings: Settings
    mode: str


@pytest.fixture(scope="module", params=["transaction", "session"])
async def pooled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pooled]:
    """Play PostgreSQL and PgBouncer in each mode, and migrate through it."""
    objects = await render(overlay_path("podman-postgres-pooled"))
    played: list[Any] = []
    for found in objects:
        if found["kind"] == "ConfigMap" and "pgbouncer.ini" in found["data"]:
            ini = found["data"]["pgbouncer.ini"]
            found["data"]["pgbouncer.ini"] = ini.replace("pool_mode = transaction", f"pool_mode = {request.param}")
            assert f"pool_mode = {request.param}" in found["data"]["pgbouncer.ini"]
        if found["kind"] != "Deployment" or COMPONENT in found["spec"]["template"]["metadata"]["labels"]:
            played.append(found)
    async with deployed(played) as deployment:
        for pod in deployment.pods:
            await pod.until_ready(LIMIT_SECONDS)
        pooler = deployment.component("pooler")
        (secret,) = (found for found in deployment.objects if found["kind"] == "Secret")
        (password,) = secret["stringData"].values()
        url = f"postgresql+asyncpg://{USER}@{HOST}:{pooler.host_port(PORT)}/{USER}"
        settings = settings_of(database_url=SecretStr(url), database_password=password, workers=1)
        async with running(tmp_path_factory.mktemp("migrate"), "migrate", **variables(settings)) as service:
            assert await service.exit_code() == 0, service.lines
        yield Pooled(deployment.podman, deployment.component("database"), pooler, settings, request.param)


def variables(settings: Settings, **more: str) -> dict[str, str]:
    """Return the environment of a process that uses the pooler."""
    assert settings.database_password
    return {
        "APP_DATABASE_URL": settings.database_url.get_secret_value(),
        "APP_DATABASE_PASSWORD": settings.database_password.get_secret_value(),
        **more,
    }


@asynccontextmanager
async def application(settings: Settings, **changes: Any) -> AsyncIterator[tuple[httpx.AsyncClient, Database]]:
    """Run the application with short limits."""
    app = create_app(settings.model_copy(update=QUICK | changes), Lifecycle())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client, app.state.database


async def test_migrations_run_through_the_pooler(pooled: Pooled, tmp_path: Path) -> None:
    """Nothing is left to do: with no setting that speaks of PgBouncer, in its defaults, they have run."""
    async with running(tmp_path, "migrate", **variables(pooled.settings)) as service:
        assert await service.exit_code() == 0, service.lines
    assert not service.printed("Running upgrade")


async def test_pooler_that_is_denied_stops_the_migration_at_once(pooled: Pooled, tmp_path: Path) -> None:
    """78 and what to set, where the settings say that there is none."""
    async with running(tmp_path, "migrate", **variables(pooled.settings, APP_DATABASE_POOLER="none")) as service:
        assert await service.exit_code() == 78
    assert "unsupported startup parameter" in service.lines[-2]
    assert "APP_DATABASE_POOLER" in service.lines[-1]


@pytest.mark.parametrize("named", [False, True])
async def test_requests_succeed_whichever_connection_a_transaction_gets(pooled: Pooled, *, named: bool) -> None:
    """Of writes and reads side by side none fails: no statement is looked for where it was not prepared."""
    pooler = pooled.mode if named else "auto"
    patient = {"database_pool_timeout_seconds": LIMIT_SECONDS}
    async with application(pooled.settings, database_pooler=pooler, database_pool_size=8, **patient) as (client, _):
        created = await asyncio.gather(
            *(client.post(NOTES, json={"title": f"{pooler} {number}"}) for number in range(40))
        )
        assert {answer.status_code for answer in created} == {201}
        paths = [answer.headers["location"] for answer in created] + [NOTES] * 20
        assert {answer.status_code for answer in await asyncio.gather(*map(client.get, paths))} == {200}
        deleted = await asyncio.gather(*(client.delete(path) for path in paths[:40]))
        assert {answer.status_code for answer in deleted} == {204}


async def test_pool_that_may_be_larger_than_the_poolers_goes_on_with_what_it_gets(pooled: Pooled) -> None:
    """In session mode each connection takes one of the pooler's for as long as it is open: no request fails."""
    larger = {"database_pool_size": 30, "database_pool_timeout_seconds": LIMIT_SECONDS}
    async with application(pooled.settings, **larger) as (client, database):
        for _ in range(3):
            answers = await asyncio.gather(*(client.get(NOTES) for _ in range(100)))
            assert {answer.status_code for answer in answers} == {200}
        assert (database.pool.open < 30) is (pooled.mode == "session")


@pytest.mark.parametrize("reading", [False, True])
async def test_slow_statement_ends_at_the_server(pooled: Pooled, *, reading: bool) -> None:
    """In a transaction by the server's own limit, outside of one by the driver's request to cancel it."""
    async with application(pooled.settings) as (_, database):
        with pytest.raises(UnavailableError):
            async with database.session(reading=reading) as session:
                await session.execute(SLEEP)
        async with asyncio.timeout(LIMIT_SECONDS), database.session(reading=True) as session:
            while await session.scalar(RUNNING):
                pass  # each look takes its time


async def test_limits_end_with_their_transaction(pooled: Pooled) -> None:
    """The pooler's connection serves others next, who have their own limits, or none."""
    async with application(pooled.settings, database_pooler="transaction") as (_, database):
        async with database.session() as session:
            assert await session.scalar(text("SHOW statement_timeout")) == "1s"
        async with database.session(reading=True) as session:
            assert await session.scalar(text("SHOW statement_timeout")) == "0"


Fault = Callable[[Podman, Pod], AbstractAsyncContextManager[None]]


@pytest.mark.parametrize("fault", [faults.stopped, faults.paused], ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("part", ["database", "pooler"])
async def test_outage_of_either_passes(pooled: Pooled, part: str, fault: Fault) -> None:
    """503 with Retry-After while the server behind the pooler, or the pooler, is away or hangs; then 200 again."""
    async with application(pooled.settings) as (client, _):
        assert (await client.get(NOTES)).status_code == 200
        async with fault(pooled.podman, getattr(pooled, part)):
            answers = await asyncio.gather(*(client.get(NOTES) for _ in range(4)))
            assert all(is_unavailable(answer) for answer in answers), answers

        async with asyncio.timeout(LIMIT_SECONDS):
            while (await client.get(NOTES)).status_code != 200:
                pass  # each try takes its time
