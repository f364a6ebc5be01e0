"""What an error becomes while a session is open: 503 for an outage of the database alone, 500 for a bug."""

import asyncio
import sqlite3
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from asyncpg import exceptions
from fastapi import FastAPI
from sqlalchemy import text

from app.database import Database
from app.outages import is_outage, refusal
from app.routes.session import Session, SessionRoute

NOTES = "/api/v1/notes"
NOTE = {"title": "a title"}


async def missing_file(_: Session) -> str:
    """Read a file that is not there."""
    return Path("/nonexistent/price-list.json").read_text()  # noqa: ASYNC240 - there is nothing to wait for


async def slow_upstream(_: Session) -> None:
    """Wait for another service, which is slow."""
    async with asyncio.timeout(0):
        await asyncio.Event().wait()


async def refused_upstream(_: Session) -> None:
    """Call another service, which is down."""
    await asyncio.open_connection("127.0.0.1", 1)


@pytest.mark.parametrize("route", [missing_file, slow_upstream, refused_upstream])
async def test_error_of_a_route_is_no_outage_of_the_database(
    app: FastAPI, client: httpx.AsyncClient, route: Any
) -> None:
    """The database is well: 500 and one traceback, although the error is of a type that the database's driver has."""
    app.router.add_api_route("/fork", route, route_class_override=SessionRoute)
    with structlog.testing.capture_logs() as lines:
        answer = await client.get("/fork")
    assert answer.status_code == 500
    assert "retry-after" not in answer.headers
    assert [line["event"] for line in lines if line["log_level"] != "info"] == ["unhandled error"]


def lock(path: Path) -> Any:
    """Return a connection of another process, as it were, that holds the lock for writing."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


@pytest.fixture
def overrides() -> dict[str, Any]:
    """Give the pool one connection, so that what is set on it counts for each request."""
    return {"database_pool_size": 1, "database_max_overflow": 0}


async def wait_briefly_for_locks(app: FastAPI) -> None:
    """Have the pool's one connection wait no longer than a moment for a lock."""
    database: Database = app.state.database
    async with database.engine.connect() as connection:
        await connection.execute(text("PRAGMA busy_timeout=1"))


async def test_locked_file_is_an_outage_for_writes_alone(
    app: FastAPI, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    """503 and one warning while somebody else writes, reads go on; afterwards the write succeeds."""
    await wait_briefly_for_locks(app)
    other = lock(tmp_path / "test.db")
    with structlog.testing.capture_logs() as lines:
        answer = await client.post(NOTES, json=NOTE)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert [line for line in lines if line["log_level"] != "info"] == [
        {"event": "database unavailable", "log_level": "warning", "error": "OperationalError: database is locked"}
    ]
    assert (await client.get(NOTES)).status_code == 200
    other.close()
    assert (await client.post(NOTES, json=NOTE)).status_code == 201


async def test_full_disk_is_an_outage(app: FastAPI, client: httpx.AsyncClient) -> None:
    """503 while there is no room; with room the same write succeeds."""
    database: Database = app.state.database
    async with database.engine.connect() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count={pages}"))
    large = {"title": "large", "body": "x" * 9_000}
    answer = await client.post(NOTES, json=large)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    async with database.engine.connect() as connection:
        await connection.execute(text("PRAGMA max_page_count=1000000"))
    assert (await client.post(NOTES, json=large)).status_code == 201


async def test_file_that_is_no_database_is_an_outage_with_what_to_do_about_it(
    app: FastAPI, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    """503, for it is no request's fault; the log says that no waiting mends it."""
    database: Database = app.state.database
    await database.close()
    (tmp_path / "test.db").write_bytes(b"no database at all" * 100)
    with structlog.testing.capture_logs() as lines:
        assert (await client.get(NOTES)).status_code == 503
    (line,) = (line for line in lines if line["log_level"] != "info")
    assert (line["log_level"], line["event"]) == ("error", "database refuses the settings")
    assert line["error"] == "DatabaseError: file is not a database"
    assert "restore" in line["advice"]


async def test_statement_that_is_wrong_is_no_outage(app: FastAPI, client: httpx.AsyncClient) -> None:
    """500: the same request would fail again."""

    async def wrong(session: Session) -> None:
        await session.execute(text("SELECT nothing"))

    app.add_api_route("/wrong", wrong)
    assert (await client.get("/wrong")).status_code == 500


@pytest.mark.parametrize(
    "change",
    [
        "CREATE UNIQUE INDEX one_body ON notes (body)",
        "CREATE TRIGGER check_it BEFORE INSERT ON notes BEGIN SELECT RAISE(ABORT, 'not this one'); END",
    ],
)
async def test_constraint_that_a_client_knows_nothing_of_is_no_conflict(
    app: FastAPI, client: httpx.AsyncClient, change: str
) -> None:
    """500 with a traceback, and not "another note has the title"."""
    assert (await client.post(NOTES, json={"title": "first"})).status_code == 201
    async with app.state.database.engine.begin() as connection:
        await connection.execute(text(change))
    with structlog.testing.capture_logs() as lines:
        answer = await client.post(NOTES, json=NOTE)
    assert answer.status_code == 500
    assert [line["event"] for line in lines if line["log_level"] != "info"] == ["unhandled error"]


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (exceptions.ProtocolViolationError("SSL required"), "sslmode=require"),
        (exceptions.ProtocolViolationError("unsupported startup parameter: statement_timeout"), "APP_DATABASE_POOLER"),
        (exceptions.ProtocolViolationError("no such database: app"), "the pooler's configuration"),
        (exceptions.InternalServerError("Tenant or user not found"), "the user"),
        (exceptions.InvalidPasswordError("password authentication failed"), "the password"),
        (exceptions.InvalidCatalogNameError('database "app" does not exist'), "create the database"),
        (exceptions.DuplicatePreparedStatementError("it exists"), "APP_DATABASE_POOLER"),
        (ConnectionError('PostgreSQL server at "db:5432" rejected SSL upgrade'), "sslmode=disable"),
        (ssl.SSLCertVerificationError("certificate verify failed"), "sslrootcert"),
        (PermissionError(13, "Permission denied", "/root/.postgresql/postgresql.key"), "HOME"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_no_waiting_mends_has_advice(error: Exception, advice: str) -> None:
    """It is an outage for a request, and says what to change."""
    assert advice in (refusal(error) or "")
    assert is_outage(error)


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (exceptions.ProtocolViolationError("pgbouncer cannot connect to server"), True),
        (exceptions.ProtocolViolationError("query_wait_timeout"), True),
        (exceptions.TooManyConnectionsError("sorry, too many clients already"), True),
        (ConnectionRefusedError(111, "Connection refused"), True),
        (exceptions.RaiseError("no such user"), False),
        (exceptions.UndefinedTableError('relation "notes" does not exist'), False),
        (ValueError("no such user"), False),
    ],
    ids=str,
)
def test_what_waiting_may_mend_or_nobody_can_has_no_advice(error: Exception, *, outage: bool) -> None:
    """An outage passes, and a bug is nobody's setting, whatever the words of its message."""
    assert refusal(error) is None
    assert is_outage(error) is outage
