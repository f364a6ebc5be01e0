"""Alembic's environment: it connects the way the service does, one process at a time, and logs where it logs."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from app.database import create_database_engine
from app.errors import UnavailableError
from app.models import Base
from app.settings import Settings, load_settings

LOCK_KEY = int.from_bytes(b"seatrial")  # any number, as long as every release has the same
LOCK_NOT_AVAILABLE = "55P03"


def _migrate(connection: Connection, settings: Settings) -> None:
    # render_as_batch: SQLite can alter a table only by copying it.
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            _wait_for_others(connection, settings.migration_wait_seconds)
            # A migration that waits for a table makes every request behind it wait: no longer than those may.
            _limit_locks(connection, settings.database_statement_timeout_seconds)
        # Only now is the schema's revision read: what the others did while this one waited is not done again.
        context.run_migrations()


def _wait_for_others(connection: Connection, limit_seconds: float) -> None:
    """Take the lock that the end of the transaction releases; raise UnavailableError when another keeps it."""
    _limit_locks(connection, limit_seconds)
    try:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        raise UnavailableError(
            f"another migration has been running for {limit_seconds:g} s (APP_MIGRATION_WAIT_SECONDS); "
            "this one did nothing"
        ) from error


def _limit_locks(connection: Connection, limit_seconds: float) -> None:
    connection.execute(text(f"SET LOCAL lock_timeout = {round(limit_seconds * 1000)}"))


async def _connect_and_migrate() -> None:
    settings: Settings = context.config.attributes.get("settings") or load_settings()
    engine = create_database_engine(settings, statement_timeout_seconds=None)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate, settings)
            await connection.commit()
    finally:
        await engine.dispose()


asyncio.run(_connect_and_migrate())
