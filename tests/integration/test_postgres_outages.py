"""What a request becomes when PostgreSQL refuses, is slow, is full, hangs, or closes the connection."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import event, text

from app.database import Database
from app.errors import UnavailableError
from app.lifecycle import Lifecycle
from app.main import create_app
from app.models import Base
from app.settings import Settings
from seatrial.kubelet import faults
from seatrial.waiting import eventually
from tests import tables
from tests.integration.conftest import Server

NOTES = "/api/v1/notes"
QUICK: dict[str, Any] = {
    "database_connect_timeout_seconds": 1.0,
    "database_statement_timeout_seconds": 1.0,
    "database_pool_timeout_seconds": 1.0,
    "database_pool_size": 2,
    "database_max_overflow": 0,
}
BOUND_SECONDS = 6.0 + 4.0  # pool 1 + connect 1 + statement 1 + the server's word 1 + close 2; and a busy machine

CUT = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1"


@asynccontextmanager
async def application(settings: Settings, **changes: Any) -> AsyncIterator[tuple[httpx.AsyncClient, Database]]:
    """Run the application with short limits, on tables that are there."""
    app = create_app(settings.model_copy(update=QUICK | changes), Lifecycle())
    async with app.router.lifespan_context(app):
        database: Database = app.state.database
        async with database.engine.begin() as connection:
            await connection.run_sync(tables.create)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client, database


def is_unavailable(answer: httpx.Response) -> bool:
    """Tell whether an answer is the problem that a client may try again after."""
    return (
        answer.status_code == 503
        and answer.headers["content-type"] == "application/problem+json"
        and int(answer.headers["retry-after"]) > 0
        and answer.json()["detail"] == "The database does not answer; try again later."
    )


async def test_hung_server_costs_a_bounded_time_and_nothing_afterwards(postgres: Settings, server: Server) -> None:
    """Paused: more requests than connections all get 503 in time; unpaused: all succeed, and none is left behind."""
    async with application(postgres) as (client, _):
        assert (await client.get(NOTES)).status_code == 200
        async with faults.paused(server.deployment.podman, server.pod):
            for _ in range(2):  # on connections that were open, then on new ones
                began = time.monotonic()
                answers = await asyncio.gather(*(client.get(NOTES) for _ in range(6)))
                assert time.monotonic() - began <= BOUND_SECONDS
                assert all(is_unavailable(answer) for answer in answers), answers
            assert len(asyncio.all_tasks()) < 12, "nothing goes on waiting for the server"
        answers = await asyncio.gather(*(client.get(NOTES) for _ in range(6)))
        assert {answer.status_code for answer in answers} == {200}


async def test_connections_that_the_server_closed_are_replaced_unnoticed(postgres: Settings, server: Server) -> None:
    """After all idle connections were cut, the next requests succeed at once."""
    used = set[Any]()
    async with application(postgres) as (client, database):
        event.listen(database.engine.sync_engine, "checkout", lambda given, *_: used.add(given.driver_connection))
        await asyncio.gather(*(client.get(NOTES) for _ in range(2)))
        connection = await server.connect("postgres")
        await connection.fetchval(CUT, _name(postgres))
        await connection.close()
        await eventually(lambda: all(each.is_closed() for each in used), 60.0, "each end has arrived here")
        answers = [await client.get(NOTES) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200] * 4


async def test_slow_statement_is_ended_by_the_server(postgres: Settings) -> None:
    """Its own statement_timeout ends it, so that nothing goes on running there; the connection is as good as new."""
    async with application(postgres) as (_, database):
        began = time.monotonic()
        with pytest.raises(UnavailableError):
            async with database.session() as session:
                await session.execute(text("SELECT pg_sleep(60)"))
        assert time.monotonic() - began <= BOUND_SECONDS
        async with database.session() as session:
            running = await session.scalar(
                text("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(60)'")
            )
        assert running == 0


async def test_full_server_is_an_outage(postgres: Settings, server: Server) -> None:
    """Too many connections for the database: 503; after one has gone: 200."""
    async with application(postgres) as (client, database):
        await database.engine.dispose()
        others = [await server.connect(_name(postgres)) for _ in range(2)]
        await server.execute(f"ALTER DATABASE {_name(postgres)} CONNECTION LIMIT 2")
        # A superuser, as the official image makes the user, is exempt from this limit: the role must not be one.
        await server.execute("DROP ROLE IF EXISTS plain")
        await server.execute(f"CREATE ROLE plain LOGIN PASSWORD '{server.password}'")
        await server.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO plain", _name(postgres))
        url = postgres.database_url.get_secret_value().replace("//seatrial@", "//plain@")
        plain = Database(postgres.model_copy(update=QUICK | {"database_url": SecretStr(url)}))
        with pytest.raises(UnavailableError):
            async with plain.session() as session:
                await session.execute(text("SELECT 1"))
        await others.pop().close()
        async with plain.session() as session:
            assert await session.scalar(text("SELECT 1")) == 1
        await plain.close()
        await others.pop().close()
        await server.execute("DROP OWNED BY plain", _name(postgres))
        await server.execute("DROP ROLE plain")
        assert (await client.get("/health/live")).status_code == 200


async def test_exhausted_pool_is_an_outage(postgres: Settings) -> None:
    """A request that gets no connection in time is told to come again."""
    limits = {"database_pool_timeout_seconds": 0.5, "database_statement_timeout_seconds": 30.0}
    async with application(postgres, **limits) as (client, database):
        async with database.session() as one, database.session() as two:
            await one.execute(text("SELECT 1"))
            await two.execute(text("SELECT 1"))
            assert is_unavailable(await client.get(NOTES))
        assert (await client.get(NOTES)).status_code == 200


async def test_error_of_a_statement_is_no_outage(postgres: Settings) -> None:
    """The tables are missing: 500, for trying again would not help."""
    async with application(postgres) as (client, database):
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        answer = await client.get(NOTES)
        assert answer.status_code == 500
        assert "retry-after" not in answer.headers


async def test_refused_connection_is_an_outage_and_logged_once_without_a_traceback(postgres: Settings) -> None:
    """One warning that names the driver's error; the client is told nothing of it."""
    nowhere = SecretStr("postgresql+asyncpg://seatrial@127.0.0.1:1/none")
    app = create_app(postgres.model_copy(update={"database_url": nowhere}), Lifecycle())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            with structlog.testing.capture_logs() as lines:
                assert is_unavailable(await client.get(NOTES))
    (line,) = lines
    assert (line["log_level"], line["event"]) == ("warning", "database unavailable")
    assert line["error"].startswith("ConnectionRefusedError: ")
    assert "exc_info" not in line


@pytest.mark.parametrize(
    "change", ["ALTER COLUMN title TYPE varchar(400)", "ALTER COLUMN id TYPE bigint", "ADD COLUMN owner text"]
)
async def test_migration_next_door_costs_no_request(postgres: Settings, change: str) -> None:
    """Statements that were prepared before a table changed are prepared again: reads and writes go on succeeding."""
    async with application(postgres) as (client, database):
        location = (await client.post(NOTES, json={"title": "before"})).headers["location"]
        await asyncio.gather(*(client.get(path) for path in (NOTES, location) * 4))
        other = Database(postgres)
        async with other.session() as session:
            await session.execute(text(f"ALTER TABLE notes {change}"))
            await session.commit()
        await other.close()
        reads = await asyncio.gather(*(client.get(path) for path in (NOTES, location) * 8))
        assert [answer.status_code for answer in reads] == [200] * 16
        assert (await client.post(NOTES, json={"title": "after"})).status_code == 201
        assert (await client.put(location, json={"title": "x"}, headers={"if-match": "*"})).status_code == 200
        assert (await client.delete(location)).status_code == 204
        assert database.pool.checkedout() == 0


async def test_stale_statement_inside_a_transaction_is_an_outage(postgres: Settings) -> None:
    """What the transaction has done before cannot be repeated here: the client is told to send it all again."""
    query = text("SELECT * FROM notes")
    async with application(postgres) as (_, database), application(postgres) as (_, other):
        async with database.session() as session:
            await session.execute(query)
        async with database.session() as session, other.session() as migration:
            await session.execute(text("SELECT 1"))
            await migration.execute(text("ALTER TABLE notes ADD COLUMN owner text"))
            await migration.commit()
            with pytest.raises(UnavailableError):
                await session.execute(query)
        async with database.session() as session:
            await session.execute(query)


@pytest.mark.parametrize("change", ["ADD COLUMN owner text NOT NULL", "ADD CHECK (length(body) < 5)"])
async def test_constraint_that_a_client_knows_nothing_of_is_no_conflict(postgres: Settings, change: str) -> None:
    """500 for a new title that another constraint refuses; 409 for one that is taken."""
    async with application(postgres) as (client, database):
        async with database.session() as session:
            await session.execute(text(f"ALTER TABLE notes {change}"))
            await session.commit()
        assert (await client.post(NOTES, json={"title": "new", "body": "too long"})).status_code == 500
        async with database.session() as session:
            await session.execute(text("ALTER TABLE notes DROP COLUMN IF EXISTS owner"))
            await session.commit()
        assert [(await client.post(NOTES, json={"title": "taken"})).status_code for _ in range(2)] == [201, 409]


def _name(settings: Settings) -> str:
    return settings.database_url.get_secret_value().rpartition("/")[2]
