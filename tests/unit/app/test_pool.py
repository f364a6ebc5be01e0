"""The pool where the database gives fewer connections than the settings ask for."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog
from sqlalchemy import event, text
from sqlalchemy.util import await_

from app import pool
from app.database import Database
from app.errors import DatabaseUnavailableError
from app.settings import Settings
from seatrial.waiting import eventually

LIMIT_SECONDS = 30.0
ONE = text("SELECT 1")
NO_FURTHER = "no further connection to the database: going on with those that there are"


class Server:
    """What opens connections, `grants` at once; whoever asks for more waits for `answer`, and is refused."""

    def __init__(self) -> None:
        self.grants = 1
        self.asked = 0
        self.open = 0
        self.answer = asyncio.Event()

    def connect(self, *_: Any) -> None:
        """Let SQLAlchemy open a connection, or raise what a driver raises."""
        self.asked += 1
        if self.open >= self.grants:
            await_(self.answer.wait())
            raise ConnectionRefusedError("no more")
        self.open += 1

    def close(self, *_: Any) -> None:
        """Take note that a connection is closed, as one is whose request is cancelled in the middle of a statement."""
        self.open -= 1


@pytest.fixture
async def server(database: Database) -> Server:
    """Return what opens the connections of the database."""
    server = Server()
    event.listen(database.engine.sync_engine, "do_connect", server.connect)
    event.listen(database.engine.sync_engine, "close", server.close)
    return server


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """Yield a database whose pool may open ten connections, and lets nobody wait for less than a minute."""
    database = Database(settings.model_copy(update={"database_pool_timeout_seconds": 60.0}))
    yield database
    await database.close()


async def ask(database: Database) -> None:
    """Do what a request does."""
    async with database.session() as session:
        await session.execute(ONE)


async def test_requests_share_the_connections_that_there_are(database: Database, server: Server) -> None:
    """Whoever waits for a further one, which never comes, has the first that is given back."""
    await asyncio.gather(*(ask(database) for _ in range(20)))
    assert server.asked > server.grants
    assert database.pool.open == 1
    assert not server.answer.is_set()


async def test_pool_that_is_given_no_more_says_so_once_and_goes_on(database: Database, server: Server) -> None:
    """One line with what it has; it does not ask again at once, and the next requests succeed."""
    with structlog.testing.capture_logs() as lines:
        await ask(database)
        waiting = [asyncio.create_task(ask(database)) for _ in range(20)]
        await asyncio.gather(*waiting)
        server.answer.set()
        await eventually(lambda: not database.pool.opening, LIMIT_SECONDS, "the end of each attempt")
        asked = server.asked
        await asyncio.gather(*(ask(database) for _ in range(20)))
    assert server.asked == asked
    assert {(line["event"], line["connections"], line["error"]) for line in lines} == {
        (NO_FURTHER, 1, "ConnectionRefusedError: no more")
    }


async def test_pool_asks_again_later(database: Database, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that was raised meanwhile is found out."""
    monkeypatch.setattr(pool, "CONTENT_SECONDS", 0.0)
    server.answer.set()
    await asyncio.gather(*(ask(database) for _ in range(5)))
    server.grants = 1000
    async with database.session() as one, database.session() as two:
        await one.execute(ONE)
        await two.execute(ONE)
        assert database.pool.open == 2


async def test_pool_that_asked_in_vain_leaves_one_to_others(database: Database, server: Server) -> None:
    """Of several connections one is closed, for another worker may have none; the last one is kept."""
    server.grants = 2
    async with database.session() as one, database.session() as two:
        await one.execute(ONE)
        await two.execute(ONE)
        third = asyncio.create_task(ask(database))
        await eventually(lambda: server.asked >= 3, LIMIT_SECONDS, "attempts")
        await one.commit()
        await third
        server.answer.set()
        await eventually(lambda: not database.pool.opening, LIMIT_SECONDS, "the end of each attempt")
        assert database.pool.open == 2
    assert database.pool.open == 1
    await ask(database)
    assert database.pool.open == 1


async def test_outage_is_told_at_once(database: Database, server: Server) -> None:
    """Where there is no connection at all, nobody waits for one to be given back."""
    server.grants = 0
    server.answer.set()
    async with asyncio.timeout(LIMIT_SECONDS):
        for _ in range(2):
            with pytest.raises(DatabaseUnavailableError) as raised:
                await ask(database)
            assert isinstance(raised.value.__cause__, ConnectionRefusedError)
    assert database.pool.open == 0


async def test_request_that_is_cancelled_while_it_waits_loses_no_connection(database: Database, server: Server) -> None:
    """Wherever in its wait, the connection is the next one's."""
    async with database.session() as session:
        await session.execute(ONE)
        waiting = [asyncio.create_task(ask(database)) for _ in range(5)]
        await eventually(lambda: server.asked >= 6, LIMIT_SECONDS, "attempts")
        waiting[0].cancel()
    server.grants = 1000  # for those whose request is cancelled in the middle of a statement
    for moment in range(20):
        again = asyncio.create_task(ask(database))
        for _ in range(moment):
            await asyncio.sleep(0)
        again.cancel()
    await asyncio.gather(*waiting[1:])
    await asyncio.gather(*(ask(database) for _ in range(5)))
    assert database.pool.checkedout() == len(database.pool.opening)
