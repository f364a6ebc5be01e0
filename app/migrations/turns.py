"""Whose turn it is: one process migrates at a time, in a transaction that also keeps the others out."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.errors import UnavailableError
from app.naming import NAME
from app.postgresql import is_pooled
from app.settings import BadSettingsError

# Any number of 63 bits, however long the name is, as long as every release has the same.
LOCK_KEY = int.from_bytes(sha256(NAME.encode()).digest()[:8]) >> 1
LOCK_NOT_AVAILABLE = "55P03"


def begin_on_sqlite(engine: Engine, wait_seconds: float) -> None:
    """Have each transaction of a SQLite engine begin before its first statement, and as the only one that writes.

    The driver itself begins before an INSERT, and never before a CREATE or ALTER TABLE: each of those would stay,
    whatever became of the migration.
    """

    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={round(wait_seconds * 1000)}")
        # A table is altered by copying it: to drop the old one would delete, or refuse, what refers to its rows.
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.close()

    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            return
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            if "locked" not in str(error.orig):
                raise
            raise _too_long(wait_seconds) from error

    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", begin)


def wait_for_others(connection: Connection, wait_seconds: float, lock_seconds: float) -> None:
    """Take the lock that the end of the transaction releases; raise UnavailableError when another keeps it.

    From then on no statement waits longer than `lock_seconds` for a table: every request behind it waits as well.
    """
    if connection.dialect.name != "postgresql":
        return  # the transaction has begun by waiting
    _limit_locks(connection, wait_seconds)
    try:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        raise _too_long(wait_seconds) from error
    _limit_locks(connection, lock_seconds)


def check_references(connection: Connection) -> None:
    """Raise ValueError if a row refers to one that is not there: on SQLite nothing else has looked meanwhile."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        tables = ", ".join(sorted({f"{table} to {referred}" for table, _, referred, _ in broken}))
        raise ValueError(f"after the migration {len(broken)} rows refer to rows that are not there: {tables}")


@contextmanager
def kept(connection: Connection) -> Iterator[None]:
    """Keep the turn while the transaction ends and another begins; on PostgreSQL the session holds it meanwhile.

    Raise BadSettingsError where a pooler answers, which would hand the session and its lock to somebody else. SQLite
    has no lock that outlives a transaction: there whoever came between has moved the revision, and this one ends with
    UnavailableError.
    """
    revision = text("SELECT version_num FROM alembic_version")
    on_server = connection.dialect.name == "postgresql"
    if on_server and is_pooled(connection.connection.dbapi_connection):
        raise BadSettingsError(
            "a migration runs in batches, for which it needs a session of its own, and a connection pooler answers: "
            "set APP_DATABASE_MIGRATION_URL to the server itself"
        )
    before = connection.scalars(revision).all()
    if on_server:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK_KEY})
    yield
    if on_server:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK_KEY})
    if connection.scalars(revision).all() != before:
        raise UnavailableError("another migration has done meanwhile what this one was doing; try again")


def _limit_locks(connection: Connection, limit_seconds: float) -> None:
    connection.execute(text(f"SET LOCAL lock_timeout = {round(limit_seconds * 1000)}"))


def _too_long(wait_seconds: float) -> UnavailableError:
    return UnavailableError(
        f"another migration has been running for {wait_seconds:g} s (APP_MIGRATION_WAIT_SECONDS); this one did nothing"
    )
