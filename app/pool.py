"""The pool of connections to the database, which grows while requests wait, and only as far as the database lets it.

SQLAlchemy's own pool has whoever finds no idle connection open one, and fail with it. A pooler in session mode, or a
role with a limit, may have none left to give, while the connections that there are do their work.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.util import await_, greenlet_spawn
from sqlalchemy.util.queue import Empty

from app import outages
from app.errors import DatabaseUnavailableError

CONTENT_SECONDS = 5.0
"""How long a pool that was given no further connection goes on without, before it asks again."""

_log = structlog.get_logger()
# SQLAlchemy logs each step of a pool under its class's name, at level info.
logging.getLogger(f"{__name__}.Pool").setLevel(logging.WARNING)


class Pool(AsyncAdaptedQueuePool):
    """SQLAlchemy's pool for asyncio, but for what follows.

    Whoever finds no idle connection has one opened, and has the first that is there, this one or one that was given
    back. Where none can be opened, it waits for one that is given back, for as long as the pool's timeout; and the pool
    closes one of several, for another worker may have none at all.

    `acquired` is told how many seconds it took to get a connection, or not to get one.
    """

    acquired: Callable[[float], None] | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.opening: set[asyncio.Task[Any]] = set()
        self._given_back_at = float("-inf")
        self._content_until = float("-inf")
        self._shares = False  # whether to close one connection, for others to have one

    @property
    def open(self) -> int:
        """How many connections there are."""
        return self.size() + self.overflow() - len(self.opening)

    def connect(self) -> PoolProxiedConnection:
        """Return a connection; raise DatabaseUnavailableError where none can be had now."""
        began = time.perf_counter()
        try:
            return super().connect()
        except Exception as error:
            if outages.is_outage(error):
                raise DatabaseUnavailableError from error
            raise
        finally:
            if self.acquired:
                self.acquired(time.perf_counter() - began)

    def dispose(self) -> None:
        """Close the idle connections, and open no more of those that are being opened."""
        for opening in self.opening:
            opening.cancel()
        super().dispose()

    def _do_get(self) -> ConnectionPoolEntry:
        with suppress(Empty):
            return self._pool.get(block=False)
        return await_(self._first(self._grow()))

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        if record.dbapi_connection is not None:
            self._given_back_at = time.monotonic()
            if self._shares and self.open > 1:
                self._shares = False
                record.close()
                self._dec_overflow()
                return
        super()._do_return_conn(record)

    @property
    def _is_content(self) -> bool:
        return time.monotonic() < self._content_until

    def _grow(self) -> asyncio.Task[Exception | None] | None:
        """Begin to open a connection, unless there are as many as there may be, or as the database has given."""
        if (self.open and self._is_content) or not self._inc_overflow():
            return None
        opening = asyncio.create_task(self._open())
        self.opening.add(opening)
        return opening

    async def _open(self) -> Exception | None:
        """Open a connection and give it to the pool; return what kept it from being opened."""
        began = time.monotonic()
        this = asyncio.current_task()
        assert this  # noqa: S101 - for the type checker
        try:
            record = await greenlet_spawn(self._create_connection)
        except Exception as error:  # noqa: BLE001 - whoever waits for it raises it
            self.opening.discard(this)
            self._dec_overflow()
            if outages.is_outage(error) and self.open and self._given_back_at > began and not self._is_content:
                self._be_content(error)
            return error
        self.opening.discard(this)
        await greenlet_spawn(super()._do_return_conn, record)
        return None

    def _be_content(self, error: Exception) -> None:
        """Go on with what there is: while another was refused, a connection has worked, so it is no outage."""
        self._content_until = time.monotonic() + CONTENT_SECONDS
        self._shares = True
        _log.warning(
            "no further connection to the database: going on with those that there are",
            connections=self.open,
            error=outages.describe(error),
        )

    async def _first(self, opening: asyncio.Task[Exception | None] | None) -> ConnectionPoolEntry:
        """Return the first connection to be had; raise what kept one from being opened, or PoolTimeoutError."""
        given = asyncio.create_task(greenlet_spawn(self._pool.get))
        error = None
        try:
            if opening:
                await asyncio.wait((given, opening), return_when=asyncio.FIRST_COMPLETED)
                if opening.done() and not opening.cancelled():
                    error = opening.result()
            if error and not self.open:  # those that are being opened for others may be what there is
                others = asyncio.gather(*self.opening, return_exceptions=True)
                await asyncio.wait((given, others), return_when=asyncio.FIRST_COMPLETED)
            if self.open or not error:
                await asyncio.wait((given,), timeout=self._timeout)
        except asyncio.CancelledError:
            if given.done():
                await greenlet_spawn(super()._do_return_conn, given.result())
            given.cancel()
            raise
        if given.done():
            return given.result()
        given.cancel()
        raise error or PoolTimeoutError(f"no connection of {self.open} was given back within {self._timeout:g} s")
