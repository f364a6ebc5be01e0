"""What a session asks of PostgreSQL beside its statements."""

import pytest
from sqlalchemy import text

from app.database import Database
from app.settings import Settings
from tests.integration.conftest import Server

STATE = "SELECT state FROM pg_stat_activity WHERE pid = $1"


@pytest.mark.parametrize(("reading", "state"), [(True, "idle"), (False, "idle in transaction")])
async def test_session_that_reads_is_in_no_transaction(
    postgres: Settings, server: Server, *, reading: bool, state: str
) -> None:
    """BEGIN and ROLLBACK are round trips that a single statement does without; one that writes has them."""
    database = Database(postgres)
    try:
        async with database.session(reading=reading) as session:
            pid = await session.scalar(text("SELECT pg_backend_pid()"))
            observer = await server.connect("seatrial")
            try:
                assert await observer.fetchval(STATE, pid) == state
            finally:
                await observer.close()
    finally:
        await database.close()


async def test_session_that_writes_is_in_a_transaction_on_a_connection_that_read(postgres: Settings) -> None:
    """The two kinds share the pool's connections: nothing of the one is left to the other."""
    database = Database(postgres.model_copy(update={"database_pool_size": 1, "database_max_overflow": 0}))
    try:
        async with database.session() as session:
            await session.execute(text("CREATE TABLE things (id integer)"))
            await session.commit()
        async with database.session(reading=True) as session:
            assert await session.scalar(text("SELECT count(*) FROM things")) == 0
        async with database.session() as session:
            await session.execute(text("INSERT INTO things VALUES (1)"))
            await session.rollback()
        async with database.session(reading=True) as session:
            assert await session.scalar(text("SELECT count(*) FROM things")) == 0
    finally:
        await database.close()
