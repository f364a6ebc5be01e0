"""Alembic's environment: it connects the way the service does, one process at a time, and logs where it logs."""

import asyncio
from typing import Any, Literal

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from app.database import create_database_engine
from app.errors import SchemaError, UnavailableError
from app.migrations import turns
from app.migrations.served import Served
from app.models import Base
from app.outages import describe, is_outage
from app.settings import BadSettingsError, Settings, load_settings


def _migrate(connection: Connection, settings: Settings) -> None:
    # render_as_batch: SQLite can alter a table only by copying it.
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transactional_ddl=True,  # on SQLite, too, where Alembic's default knows the driver's own transactions alone
        render_item=_render,
        on_version_apply=Served(connection),
    )
    with context.begin_transaction():
        # A migration that waits for a table makes every request behind it wait: no longer than those may.
        turns.wait_for_others(connection, settings.migration_wait_seconds, settings.database_statement_timeout_seconds)
        # Only now is the schema's revision read: what the others did while this one waited is not done again.
        context.run_migrations()
        turns.check_references(connection)


def _render(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write a type of the models' own as what it is in the database, for models change and a migration does not."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


async def _connect_and_migrate(settings: Settings) -> None:
    engine = create_database_engine(settings, statement_timeout_seconds=None)
    if engine.dialect.name == "sqlite":
        turns.begin_on_sqlite(engine.sync_engine, settings.migration_wait_seconds)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate, settings)
            await connection.commit()
    finally:
        await engine.dispose()


def _print(settings: Settings) -> None:
    """Write the SQL that would migrate, for `alembic upgrade --sql`, and ask nothing of the database."""
    context.configure(
        url=settings.database_url.get_secret_value(),
        target_metadata=Base.metadata,
        literal_binds=True,
        transactional_ddl=True,
        on_version_apply=Served(None),
    )
    with context.begin_transaction():
        context.run_migrations()


def _run() -> None:
    settings: Settings = context.config.attributes.get("settings") or load_settings().for_migrations().for_migrations()
    if context.is_offline_mode():
        _print(settings)
    else:
        asyncio.run(_connect_and_migrate(settings))


try:
    _run()
except Exception as error:
    if context.config.cmd_opts is None:
        raise
    # By hand: Alembic's own way of ending with one message.
    if is_outage(error):
        raise CommandError(f"the database does not answer: {describe(error)}") from error
    if isinstance(error, (BadSettingsError, SchemaError, UnavailableError)):
        raise CommandError(str(error)) from error
    raise
