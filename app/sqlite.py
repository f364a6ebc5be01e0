"""One connection to SQLite: how it is prepared, and how to find out what is wrong with the file."""

import sqlite3
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

BUSY_MILLISECONDS = 500  # for a lock, where it is asked whether there is one: less than readiness waits


def prepare(connection: Any, _record: Any) -> None:
    """Let readers and a writer work side by side (WAL), and a second writer wait its turn instead of failing."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=5000")  # milliseconds
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


async def examine(connection: AsyncConnection) -> None:
    """Find out whether the file can be written and is whole; raise what the driver raises.

    It costs a write, and a look at each page: for a file that has failed a request, not for each probe.
    """
    await connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    version = await connection.scalar(text("PRAGMA user_version"))
    await connection.exec_driver_sql("BEGIN IMMEDIATE")
    await connection.exec_driver_sql(f"PRAGMA user_version={version}")
    await connection.commit()
    found = await connection.scalar(text("PRAGMA quick_check(1)"))
    if found != "ok":
        raise sqlite3.DatabaseError(f"the file is damaged: {found}")
