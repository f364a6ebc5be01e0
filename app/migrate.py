"""Bringing the database to the newest schema: the init container's work."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.ext.asyncio import AsyncConnection

from app import schema
from app.connection_budget import Demand, excess, granted
from app.database import create_database_engine
from app.errors import SchemaError, UnavailableError
from app.outages import describe, is_outage, refusal
from app.postgresql import is_pooled
from app.settings import BadSettingsError, Settings

Check = Callable[[AsyncConnection, Settings], Awaitable[None]]

RETRY_SECONDS = 1.0

_log = structlog.get_logger()


def migrate(settings: Settings) -> None:
    """Wait for the database, hold the connection arithmetic to it, and run the migrations that it lacks.

    A schema that a later release has migrated is left as it is, if it serves this one. Raise UnavailableError when
    the database does not answer in time, BadSettingsError when it refuses the settings, whatever the time, or
    allows too few connections, SchemaError when its schema or the migrations themselves do not fit.
    """
    schema.head()  # of two, neither is the newest, whatever the database says
    asyncio.run(_prepare(settings, _check_budget))
    if settings.database_migration_url:
        settings = settings.for_migrations()
        asyncio.run(_prepare(settings))
    config = Config()
    config.set_main_option("script_location", "app:migrations")
    config.attributes["settings"] = settings
    scripts = ScriptDirectory.from_config(config)

    def steps(applied: Any, context: MigrationContext) -> list[Any]:
        """Return the migrations to run; Alembic asks when nobody else migrates."""
        assert context.connection is not None  # noqa: S101 - for the type checker: this is no `--sql`
        if not schema.revisions().keys() >= {*applied}:
            schema.check_revision(context.connection)
            return []
        found: list[Any] = scripts._upgrade_revs("head", applied)  # noqa: SLF001 - as `alembic upgrade` asks
        return found

    try:
        with EnvironmentContext(config, scripts, fn=steps):
            scripts.run_env()
    except CommandError as error:
        raise SchemaError(str(error)) from error


async def _prepare(settings: Settings, check: Check | None = None) -> None:
    engine = create_database_engine(settings, settings.database_statement_timeout_seconds)
    deadline = time.monotonic() + settings.migration_wait_seconds
    try:
        while True:
            try:
                async with engine.connect() as connection:
                    if check:
                        await check(connection, settings)
                    return
            except Exception as error:
                if not is_outage(error):
                    raise
                if advice := refusal(error):
                    raise BadSettingsError(f"the database refuses: {describe(error)}\n  {advice}") from error
                if time.monotonic() + RETRY_SECONDS > deadline:
                    raise UnavailableError(
                        f"the database did not answer within {settings.migration_wait_seconds:g} s: {describe(error)}"
                    ) from error
                _log.info("waiting for the database", error=describe(error))
            await asyncio.sleep(RETRY_SECONDS)
    finally:
        await engine.dispose()


async def _check_budget(connection: AsyncConnection, settings: Settings) -> None:
    if connection.dialect.name == "postgresql" and await _is_direct(connection, settings):
        message = excess(Demand.of(settings), await granted(connection))
        if message:
            raise BadSettingsError(message)


async def _is_direct(connection: AsyncConnection, settings: Settings) -> bool:
    """Tell whether each of the service's connections takes a place at the server: not where a pooler shares its own."""
    if settings.database_pooler == "auto":
        return not await connection.run_sync(lambda found: is_pooled(found.connection.dbapi_connection))
    return settings.database_pooler != "transaction"
