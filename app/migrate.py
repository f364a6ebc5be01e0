"""Bringing the database to the newest schema: the init container's work."""

import asyncio
import time

import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncConnection

from app.connection_budget import Demand, excess, granted
from app.database import create_database_engine
from app.errors import UnavailableError
from app.outages import describe, is_outage, refusal
from app.settings import BadSettingsError, Settings

RETRY_SECONDS = 1.0

_log = structlog.get_logger()


def migrate(settings: Settings) -> None:
    """Wait for the database, hold the connection arithmetic to it, and run the migrations that it lacks.

    Raise UnavailableError when it does not answer in time, BadSettingsError when it refuses the settings, whatever the
    time, or allows too few connections.
    """
    asyncio.run(_prepare(settings))
    config = Config()
    config.set_main_option("script_location", "app:migrations")
    config.attributes["settings"] = settings
    command.upgrade(config, "head")


async def _prepare(settings: Settings) -> None:
    engine = create_database_engine(settings, settings.database_statement_timeout_seconds)
    deadline = time.monotonic() + settings.migration_wait_seconds
    try:
        while True:
            try:
                async with engine.connect() as connection:
                    await _check_budget(connection, settings)
                    return
            except Exception as error:
                if not is_outage(error):
                    raise
                if advice := refusal(error):
                    raise BadSettingsError(f"{describe(error)}\n  {advice}") from error
                if time.monotonic() + RETRY_SECONDS > deadline:
                    raise UnavailableError(
                        f"the database did not answer within {settings.migration_wait_seconds:g} s: {describe(error)}"
                    ) from error
                _log.info("waiting for the database", error=describe(error))
            await asyncio.sleep(RETRY_SECONDS)
    finally:
        await engine.dispose()


async def _check_budget(connection: AsyncConnection, settings: Settings) -> None:
    if connection.dialect.name == "postgresql":
        message = excess(Demand.of(settings), await granted(connection))
        if message:
            raise BadSettingsError(message)
