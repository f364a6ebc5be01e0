"""Releases on one database, SQLite and PostgreSQL: forward, back, and migrations that end in the middle."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from app.database import create_database_engine
from tests.integration import next_release
from tests.integration.databases import Database
from tests.integration.service import Service, running

NOTES = "/api/v1/notes"


async def serves(database: Database) -> bool:
    """Tell whether this release becomes ready on the database, and then stores and lists a note."""
    async with running(database.directory, "serve", **database.variables) as service:
        await service.until_printed("Application startup complete")
        async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
            if not (await client.get("/health/ready")).is_success:
                assert service.printed("schema does not serve") == 1
                return False
            answers = [await client.post(NOTES, json={"title": "a title"}), await client.get(NOTES)]
            return all(answer.is_success for answer in answers)


async def test_release_goes_back_to_the_one_before_if_the_schema_expanded(database: Database, tmp_path: Path) -> None:
    """Forward, back, forward: each migrates with 0; on the way back one line says that the schema is ahead."""
    following = next_release.release(tmp_path, next_release.EXPAND)
    assert (await database.migrate())[0] == 0
    assert (await database.migrate(following))[0] == 0
    code, lines = await database.migrate()
    assert code == 0, lines
    assert sum("schema is ahead" in line for line in lines) == 1
    assert await serves(database)
    assert (await database.migrate(following))[0] == 0
    assert await database.revision() == [("9001", "0001 9001")]


async def test_release_does_not_go_back_if_the_schema_contracted(database: Database, tmp_path: Path) -> None:
    """78 and one message that names both revisions; who serves all the same is not ready."""
    assert (await database.migrate())[0] == 0
    assert (await database.migrate(next_release.release(tmp_path, next_release.CONTRACT_AT_ONCE)))[0] == 0
    code, lines = await database.migrate()
    assert code == 78
    assert lines[-1].startswith("cannot migrate: the schema is at revision 9001, which this release does not have")
    assert not any("traceback" in line.lower() for line in lines)
    assert not await serves(database)


async def test_schema_of_another_program_is_refused(database: Database) -> None:
    """78: nobody wrote down whom it serves."""
    assert (await database.migrate())[0] == 0
    assert (await database.alembic("stamp", "head")).returncode == 0
    engine = create_database_engine(database.settings, None)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'abc'"))
    await engine.dispose()
    code, lines = await database.migrate()
    assert (code, "nobody knows which revisions" in lines[-1]) == (78, True), lines


async def test_two_newest_revisions_are_refused_before_anything_is_migrated(database: Database, tmp_path: Path) -> None:
    """78 and one message that names both."""
    code, lines = await database.migrate(next_release.release(tmp_path, *next_release.TWO_HEADS))
    assert code == 78
    assert "2 newest revisions (9001a, 9001b)" in lines[-1]
    assert await database.tables() == {}


@asynccontextmanager
async def halfway(database: Database, release: str) -> AsyncIterator[Service]:
    """Run a migration until it is halfway."""
    variables = {**database.variables, "PYTHONPATH": release, "HALFWAY_SECONDS": "600"}
    async with running(database.directory, "migrate", **variables) as service:
        await service.until_printed("halfway")
        yield service


@pytest.mark.parametrize("end", ["fails", "SIGTERM", "SIGKILL"])
async def test_migration_that_ends_in_the_middle_leaves_the_schema_as_it_was(
    database: Database, tmp_path: Path, end: str
) -> None:
    """And the next run migrates as if there had been none."""
    following = next_release.release(tmp_path, next_release.MANY_STEPS)
    assert (await database.migrate())[0] == 0
    before = await database.tables()
    if end == "fails":
        code, _ = await database.migrate(following, HALFWAY_FAILS="1")
        assert code == 1
    else:
        async with halfway(database, following) as service:
            service.process.send_signal(signal.Signals[end])
            assert await service.exit_code() == {"SIGTERM": 143, "SIGKILL": -9}[end]
    assert await database.tables() == before
    assert await database.revision() == [("0001", "0001")]
    code, lines = await database.migrate(following)
    assert code == 0, lines
    after = await database.tables()
    assert after.keys() == {*before, "tags", "labels"}
    assert "archived" in after["notes"]


async def test_migrations_that_start_together_run_one_after_the_other(database: Database, tmp_path: Path) -> None:
    """Of three, each ends well, and one alone has run the migrations."""
    following = next_release.release(tmp_path, next_release.MANY_STEPS)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(database.migrate(following, HALFWAY_SECONDS="1")) for _ in range(3)]
    results = [task.result() for task in tasks]
    assert [code for code, _ in results] == [0] * 3, results
    assert sum("halfway" in line for _, lines in results for line in lines) == 1


async def test_migration_that_waits_too_long_for_another_says_so(database: Database, tmp_path: Path) -> None:
    """69 and one message without a traceback."""
    following = next_release.release(tmp_path, next_release.MANY_STEPS)
    assert (await database.migrate())[0] == 0
    async with halfway(database, following):
        code, lines = await database.migrate(APP_MIGRATION_WAIT_SECONDS="2")
        assert code == 69, lines
        assert lines[-1].startswith("cannot migrate: another migration has been running for 2 s"), lines
        assert not any("traceback" in line.lower() for line in lines)


async def test_alembic_prints_sql_without_touching_the_database(database: Database) -> None:
    """All of it on stdout, none of it done."""
    printed = await database.alembic("upgrade", "head", "--sql")
    assert printed.returncode == 0, printed.stderr
    assert "CREATE TABLE notes" in printed.stdout
    assert "SET serves='0001'" in printed.stdout
    assert await database.tables() == {}


async def test_backfill_in_batches_runs_once_however_many_migrate(database: Database, tmp_path: Path) -> None:
    """Each that starts ends well; on PostgreSQL who has the turn keeps it between its transactions."""
    following = next_release.release(tmp_path, next_release.EXPAND, next_release.BACKFILL)
    assert (await database.migrate())[0] == 0
    async with running(tmp_path, "serve", **database.variables) as service:
        await service.until_ready()
        async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
            for number in range(5):
                assert (await client.post(NOTES, json={"title": f"note {number}"})).status_code == 201
    together = 3 if "postgresql" in database.variables["APP_DATABASE_URL"] else 1
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(database.migrate(following)) for _ in range(together)]
    results = [task.result() for task in tasks]
    assert [code for code, _ in results] == [0] * together, results
    assert sum("batch done" in line for _, lines in results for line in lines) == 3
    assert await database.revision() == [("9002", "0001 9001 9002")]


@pytest.mark.parametrize("command", ["current", "check", "history", "heads"])
async def test_alembic_by_hand_tells_without_a_traceback(database: Database, command: str) -> None:
    """On a database that is migrated by hand, too, which records what it serves."""
    assert (await database.alembic("upgrade", "head")).returncode == 0
    assert await database.revision() == [("0001", "0001")]
    told = await database.alembic(command)
    assert told.returncode == 0, told.stderr
    assert "Traceback" not in told.stderr


async def test_alembic_by_hand_waits_for_its_turn_and_ends_with_a_message(database: Database, tmp_path: Path) -> None:
    """Where another migrates for longer than it may wait: no traceback."""
    following = next_release.release(tmp_path, next_release.MANY_STEPS)
    assert (await database.migrate())[0] == 0
    database.variables["APP_MIGRATION_WAIT_SECONDS"] = "3"
    async with halfway(database, following):
        told = await database.alembic("upgrade", "head")
        assert told.returncode != 0
        assert "FAILED: another migration has been running for 3 s" in told.stdout + told.stderr
        assert "Traceback" not in told.stderr


async def test_alembic_by_hand_says_what_is_wrong_without_a_traceback(database: Database) -> None:
    """A database that does not answer, and a setting that there is not."""
    database.variables["APP_DATABASE_URL"] = "postgresql+asyncpg://x@127.0.0.1:1/x"
    told = await database.alembic("current")
    assert "FAILED: the database does not answer" in told.stdout + told.stderr
    database.variables["APP_NO_SUCH_SETTING"] = "1"
    misspelt = await database.alembic("current")
    assert "APP_NO_SUCH_SETTING: no such setting" in misspelt.stdout + misspelt.stderr
    assert "Traceback" not in told.stderr + misspelt.stderr
    assert 0 not in {told.returncode, misspelt.returncode}
