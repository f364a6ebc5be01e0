"""One connection to SQLite."""

from typing import Any


def prepare(connection: Any, _record: Any) -> None:
    """Let readers and a writer work side by side (WAL), and a second writer wait its turn instead of failing."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=5000")  # milliseconds
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
