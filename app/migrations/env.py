"""Alembic's environment: it connects the way the service does, and logs where the service logs."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from app.database import create_database_engine
from app.models import Base
from app.settings import load_settings


def _migrate(connection: Connection) -> None:
    # render_as_batch: SQLite can alter a table only by copying it.
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


async def _connect_and_migrate() -> None:
    settings = context.config.attributes.get("settings") or load_settings()
    engine = create_database_engine(settings)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate)
            await connection.commit()
    finally:
        await engine.dispose()


asyncio.run(_connect_and_migrate())
