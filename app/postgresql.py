"""One connection to PostgreSQL: how long it may take for what, and when it is replaced."""

from typing import Any

from sqlalchemy.exc import DisconnectionError

ANSWER_SECONDS = 1.0
"""How much longer than the statement timeout is waited for the server's own word that it was exceeded."""


def connect_arguments(connect_timeout_seconds: float, statement_timeout_seconds: float | None) -> dict[str, Any]:
    """Return the arguments of asyncpg's `connect`; None for statements that may take any time."""
    limit = statement_timeout_seconds
    milliseconds = str(round(limit * 1000)) if limit else "0"
    return {
        "timeout": connect_timeout_seconds,
        "command_timeout": limit and limit + ANSWER_SECONDS,
        "server_settings": {
            "application_name": "seatrial",
            "statement_timeout": milliseconds,
            # A worker that hangs in a transaction must not hold its locks.
            "idle_in_transaction_session_timeout": milliseconds,
        },
    }


def refuse_closed(connection: Any, _record: Any, _fairy: Any) -> None:
    """Have the pool replace a connection that the server has closed: the driver knows, no ping needs to find out."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("closed by the server")
