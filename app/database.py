"""The database: one pooled engine a worker, made when the worker starts and closed after its last answer."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection

from app.settings import Settings


class TimedPool(AsyncAdaptedQueuePool):
    """SQLAlchemy's pool for asyncio, which tells how many seconds it took to get a connection, or not to get one."""

    acquired: Callable[[float], None] | None = None

    def connect(self) -> PoolProxiedConnection:
        """Return a connection."""
        began = time.perf_counter()
        try:
            return super().connect()
        finally:
            if self.acquired:
                self.acquired(time.perf_counter() - began)


class Database:
    """An engine and the sessions on it; `acquired` is told the seconds that each connection took to get."""

    def __init__(self, settings: Settings, acquired: Callable[[float], None]) -> None:
        self.engine = create_database_engine(settings)
        self.pool.acquired = acquired
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @property
    def pool(self) -> TimedPool:
        """Return the engine's pool."""
        pool = self.engine.sync_engine.pool
        assert isinstance(pool, TimedPool)  # noqa: S101 - for the type checker: create_database_engine says so
        return pool

    async def check(self) -> None:
        """Ask the database for the least it can answer; raise whatever its driver raises."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close the pool."""
        await self.engine.dispose()


def create_database_engine(settings: Settings) -> AsyncEngine:
    """Return an engine whose pool survives a restart of the database: stale connections are noticed and replaced."""
    engine = create_async_engine(
        settings.database_url.get_secret_value(),
        poolclass=TimedPool,
        pool_pre_ping=True,
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_max_overflow,
        pool_timeout=settings.database_pool_timeout_seconds,
        pool_recycle=int(settings.database_pool_recycle_seconds),
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Let readers and a writer work side by side (WAL), and a second writer wait its turn instead of failing."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=5000")  # milliseconds
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
