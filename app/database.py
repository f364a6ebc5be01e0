"""The database: one pooled engine a worker, made when the worker starts and closed after its last answer."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app import outages, postgresql, schema, sqlite
from app.errors import DatabaseUnavailableError, SchemaError
from app.pool import Pool
from app.settings import Settings

# The least that a database answers. SQLite reads its file for nothing less, and PostgreSQL would wait for a migration
# that has locked a table.
LEAST = {"sqlite": "SELECT count(*) FROM sqlite_master"}

_log = structlog.get_logger()


class Database:
    """An engine and the sessions on it; `acquired` is told the seconds that each connection took to get."""

    def __init__(self, settings: Settings, acquired: Callable[[float], None] | None = None) -> None:
        self.engine = create_database_engine(settings, settings.database_statement_timeout_seconds)
        outages.tell_outages(self.engine.sync_engine, self._suspect)
        self.pool.acquired = acquired
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        # A connection of its own: behind those of a busy pool, readiness would tell how busy the pool is.
        self._asking = create_database_engine(settings, settings.readiness_timeout_seconds, connections=1)
        self._schema_serves = False
        self._suspected = False  # since a request has failed for the database
        self._reading = async_sessionmaker(_reading_engine(self.engine), expire_on_commit=False)

    @asynccontextmanager
    async def session(self, *, reading: bool = False) -> AsyncIterator[AsyncSession]:
        """Open a session; whatever says that the database cannot serve now is a DatabaseUnavailableError, logged once.

        Each statement of a `reading` one stands for itself, without a transaction around them.
        """
        try:
            async with (self._reading if reading else self._sessions)() as session:
                yield session
        except DatabaseUnavailableError as error:
            outages.log(error)
            raise

    @property
    def pool(self) -> Pool:
        """Return the engine's pool."""
        pool = self.engine.sync_engine.pool
        assert isinstance(pool, Pool)  # noqa: S101 - for the type checker: create_database_engine says so
        return pool

    async def check(self) -> None:
        """Ask the database for the least it can answer, and first whether its schema serves this release.

        Raise whatever its driver raises, or SchemaError. Once the schema has served, it is not asked for again.

        The least can be read of a SQLite file however full its disk is and whoever locks it. So one that has failed a
        request is examined.
        """
        async with self._asking.connect() as connection:
            if self._suspected and connection.dialect.name == "sqlite":
                await sqlite.examine(connection)
                self._suspected = False
            if self._schema_serves:
                await connection.execute(text(LEAST.get(connection.dialect.name, "SELECT 1")))
                return
            try:
                await schema.check(connection)
            except SchemaError as error:
                _log.warning("schema does not serve", error=str(error))
                raise
            self._schema_serves = True

    def _suspect(self) -> None:
        self._suspected = True

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
        await self._asking.dispose()


def create_database_engine(
    settings: Settings, statement_timeout_seconds: float | None, connections: int | None = None
) -> AsyncEngine:
    """Return an engine whose pool survives a restart of the database.

    None for statements that may take any time; `connections` for so many in place of the settings' pool.
    """
    url = make_url(settings.database_url.get_secret_value())
    if settings.database_password and url.password is None:
        url = url.set(password=settings.database_password.get_secret_value())
    options: dict[str, Any] = {
        "poolclass": Pool,
        "pool_size": connections or settings.database_pool_size,
        "max_overflow": 0 if connections else settings.database_max_overflow,
        "pool_timeout": settings.database_pool_timeout_seconds,
        "pool_recycle": int(settings.database_pool_recycle_seconds),
        "hide_parameters": True,  # users' data, which errors would have in their messages
    }
    if url.get_backend_name() == "postgresql":
        connector = postgresql.Connector(
            url,
            settings.database_pooler,
            connect_timeout_seconds=settings.database_connect_timeout_seconds,
            statement_timeout_seconds=statement_timeout_seconds,
        )
        engine = create_async_engine(postgresql.without_our_parameters(url), **options)
        event.listen(engine.sync_engine, "do_connect", connector.connect)
        event.listen(engine.sync_engine, "checkout", postgresql.take)
        event.listen(engine.sync_engine, "do_execute", postgresql.execute)
    else:
        engine = create_async_engine(url, **options)
        event.listen(engine.sync_engine, "connect", sqlite.prepare)
    return engine


def _reading_engine(engine: AsyncEngine) -> AsyncEngine:
    """Return an engine on the same pool for sessions that only read.

    PostgreSQL is asked three times for one SELECT in a transaction: BEGIN and ROLLBACK are round trips, too. SQLite has
    no round trips to spare, and its driver would need two more hops to its thread.
    """
    if engine.dialect.name != "postgresql":
        return engine
    reading = engine.execution_options()
    event.listen(reading.sync_engine, "engine_connect", postgresql.begin_reading)
    return reading
