"""The migrations on a real PostgreSQL: what they make, several at once, one that fails, and the next release's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from app.database import create_database_engine
from app.models import Base
from app.settings import Settings
from tests.integration import next_release
from tests.integration.conftest import Server
from tests.integration.service import Service, running

NOTES = "/api/v1/notes"


def variables(settings: Settings, **more: str) -> dict[str, str]:
    """Return the environment of a process that uses the test's database."""
    assert settings.database_password
    return {
        "APP_DATABASE_URL": settings.database_url.get_secret_value(),
        "APP_DATABASE_PASSWORD": settings.database_password.get_secret_value(),
        "WEB_CONCURRENCY": "1",
        **more,
    }


@asynccontextmanager
async def serving(directory: Path, settings: Settings) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    """Run this release's service."""
    async with running(directory, "serve", **variables(settings)) as service:
        await service.until_ready()
        async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
            yield service, client


async def migrate(directory: Path, settings: Settings, **more: str) -> tuple[int, list[str]]:
    """Migrate and return the exit code and what was printed."""
    async with running(directory, "migrate", **variables(settings, **more)) as service:
        return await service.exit_code(), service.lines


async def differences(settings: Settings) -> list[Any]:
    """Return what Alembic would have to generate."""

    def compare(connection: Connection) -> list[Any]:
        found: list[Any] = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        return found

    engine = create_database_engine(settings, None)
    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    return found


async def columns(server: Server, settings: Settings) -> set[str]:
    """Return the columns of the notes."""
    connection = await server.connect(settings.database_url.get_secret_value().rpartition("/")[2])
    rows = await connection.fetch("SELECT column_name FROM information_schema.columns WHERE table_name = 'notes'")
    await connection.close()
    return {row["column_name"] for row in rows}


async def test_migrations_make_the_models_schema(postgres: Settings, tmp_path: Path) -> None:
    """Before, everything is missing; after, Alembic finds nothing left to generate; once more changes nothing."""
    assert await differences(postgres) != []
    for _ in range(2):
        assert (await migrate(tmp_path, postgres))[0] == 0
        assert await differences(postgres) == []


async def test_pods_that_start_together_migrate_one_after_the_other(postgres: Settings, tmp_path: Path) -> None:
    """Of four, each ends well, and one alone has run the migration."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(migrate(tmp_path, postgres)) for _ in range(4)]
    results = [task.result() for task in tasks]
    assert [code for code, _ in results] == [0] * 4, results
    assert sum("Running upgrade" in line for _, lines in results for line in lines) == 1
    assert await differences(postgres) == []


async def test_migration_that_waits_too_long_for_another_says_so(postgres: Settings, tmp_path: Path) -> None:
    """69 and one message without a traceback; it has done nothing."""
    slow = next_release.release(tmp_path, next_release.SLOW)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(running(tmp_path, "migrate", **variables(postgres, PYTHONPATH=slow)))
        await first.until_printed("-> 9001")
        code, lines = await migrate(tmp_path, postgres, APP_MIGRATION_WAIT_SECONDS="2")
        assert code == 69
        assert lines[-1].startswith("cannot migrate: another migration has been running for 2 s"), lines
        assert not any("Traceback" in line or "traceback" in line for line in lines)


async def test_failed_migration_leaves_the_schema_as_it_was(postgres: Settings, server: Server, tmp_path: Path) -> None:
    """It exits non-zero, what it had done is rolled back, and the release before goes on serving."""
    assert (await migrate(tmp_path, postgres))[0] == 0
    before = await columns(server, postgres)
    async with serving(tmp_path, postgres) as (_, client):
        code, _ = await migrate(tmp_path, postgres, PYTHONPATH=next_release.release(tmp_path, next_release.FAILING))
        assert code == 1
        assert await columns(server, postgres) == before
        assert (await client.post(NOTES, json={"title": "after"})).status_code == 201


@pytest.mark.parametrize(("migration", "works"), [(next_release.EXPAND, True), (next_release.CONTRACT_AT_ONCE, False)])
async def test_this_release_works_on_the_next_ones_schema_if_it_expands(
    postgres: Settings, tmp_path: Path, migration: str, *, works: bool
) -> None:
    """Created, read, updated, listed and deleted while and after the next release migrates; not if it renames."""
    assert (await migrate(tmp_path, postgres))[0] == 0
    async with serving(tmp_path, postgres) as (_, client):
        location = (await client.post(NOTES, json={"title": "before"})).headers["location"]
        code, lines = await migrate(tmp_path, postgres, PYTHONPATH=next_release.release(tmp_path, migration))
        assert code == 0, lines
        answers = [
            await client.get(location),
            await client.put(location, json={"title": "during"}, headers={"if-match": "*"}),
            await client.post(NOTES, json={"title": "after"}),
            await client.get(NOTES),
            await client.delete(location),
        ]
        assert all(answer.is_success for answer in answers) is works, answers


async def test_migration_gives_up_where_a_table_is_in_use(postgres: Settings, server: Server, tmp_path: Path) -> None:
    """It waits no longer for a lock than a request may, instead of holding up every request behind it."""
    assert (await migrate(tmp_path, postgres))[0] == 0
    holder = await server.connect(postgres.database_url.get_secret_value().rpartition("/")[2])
    async with holder.transaction():
        await holder.execute("LOCK TABLE notes IN ACCESS SHARE MODE")
        code, lines = await migrate(
            tmp_path,
            postgres,
            PYTHONPATH=next_release.release(tmp_path, next_release.EXPAND),
            APP_DATABASE_STATEMENT_TIMEOUT_SECONDS="1",
        )
    await holder.close()
    assert code == 1
    assert any("lock timeout" in line for line in lines)


async def test_connections_beyond_what_the_server_allows_are_refused(postgres: Settings, tmp_path: Path) -> None:
    """78 with the arithmetic, before anything is migrated; with a smaller pool it goes on."""
    code, lines = await migrate(tmp_path, postgres, APP_REPLICAS="9")
    assert code == 78
    printed = "".join(lines)
    assert "(replicas 9 + surge 1) x workers 1 x (pool size 5 + overflow 5 + readiness 1)" in printed
    assert "> max_connections less the reserved ones 97" in printed
    assert await differences(postgres) != []
    assert (await migrate(tmp_path, postgres, APP_REPLICAS="9", APP_DATABASE_MAX_OVERFLOW="0"))[0] == 0


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("DATABASE {database} CONNECTION LIMIT 7", "the database's limit 7"),
        ("ROLE seatrial CONNECTION LIMIT 7", "role"),
    ],
)
async def test_limits_of_the_role_and_the_database_count(
    postgres: Settings, server: Server, tmp_path: Path, limit: str, words: str
) -> None:
    """The least of all limits is what is allowed."""
    database = postgres.database_url.get_secret_value().rpartition("/")[2]
    await server.execute("ALTER " + limit.format(database=database))
    try:
        code, lines = await migrate(tmp_path, postgres)
    finally:
        await server.execute("ALTER ROLE seatrial CONNECTION LIMIT -1")
    assert code == 78
    assert words in "".join(lines)


async def test_migration_waits_for_a_database_that_is_not_there_yet_and_not_for_ever(tmp_path: Path) -> None:
    """69 after its limit, with what it waited for."""
    async with running(
        tmp_path,
        "migrate",
        APP_DATABASE_URL="postgresql+asyncpg://x@127.0.0.1:1/x",
        APP_MIGRATION_WAIT_SECONDS="3",
    ) as service:
        assert await service.exit_code() == 69
    assert service.printed("waiting for the database") >= 1
    assert service.lines[-1].startswith("cannot migrate: the database did not answer within 3 s"), service.lines
