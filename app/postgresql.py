"""One connection to PostgreSQL: how long it may take for what, and when it is replaced."""

from typing import Any

from sqlalchemy.engine import ExecutionContext
from sqlalchemy.exc import DisconnectionError

from app.outages import is_stale_plan

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


def execute(cursor: Any, statement: str, parameters: Any, context: ExecutionContext) -> bool:
    """Execute a statement, once more where a migration has changed a table since it was prepared.

    That can be done as long as nothing is lost: outside of a transaction, or by its first statement.
    """
    connection: Any = context.root_connection.connection.dbapi_connection
    first = not connection.driver_connection.is_in_transaction()
    try:
        cursor.execute(statement, parameters)
    except Exception as error:
        if not (first and is_stale_plan(error)):
            raise
        connection.rollback()
        context.handle_dbapi_exception(error)  # forgets what was prepared, here and on the pool's other connections
        context.pre_exec()
        cursor.execute(statement, parameters)
    return True
