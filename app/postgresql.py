"""One connection to PostgreSQL: how it is opened, how long it may take for what, and when it is replaced."""

import ssl
import time
from typing import Any, Literal

from sqlalchemy.engine import URL, Connection, Dialect, ExecutionContext
from sqlalchemy.exc import DisconnectionError

from app.database_url import root_certificates, ssl_mode
from app.naming import NAME
from app.outages import is_stale_plan

Pooler = Literal["auto", "none", "session", "transaction"]

ANSWER_SECONDS = 1.0
"""How much longer than the statement timeout is waited for the server's own word that it was exceeded."""

_OURS = ("application_name", "ssl", "sslmode", "sslrootcert")


def without_our_parameters(url: URL) -> URL:
    """Return a URL without the parameters that a `Connector` makes into arguments."""
    return url.difference_update_query(_OURS)


class Connector:
    """Opens an engine's connections; the first one tells whether a pooler answers, where no setting does (`auto`).

    A pooler refuses limits among the startup parameters. Where one is found it is taken to be in transaction mode: what
    works there works in session mode, too. No statement timeout is None, for what may take any time.
    """

    def __init__(
        self, url: URL, pooler: Pooler, *, connect_timeout_seconds: float, statement_timeout_seconds: float | None
    ) -> None:
        limit = statement_timeout_seconds
        self._pooler = pooler
        milliseconds = str(round(limit * 1000)) if limit else "0"
        # The second ends a transaction of a worker that hangs with its locks.
        self._limits = {"statement_timeout": milliseconds, "idle_in_transaction_session_timeout": milliseconds}
        self._name = url.query.get("application_name", NAME)
        self._arguments: dict[str, Any] = {
            "timeout": connect_timeout_seconds,
            "command_timeout": limit and limit + ANSWER_SECONDS,
        }
        if (mode := ssl_mode(url)) is not None:
            self._arguments["ssl"] = _tls(mode, url)

    def connect(self, dialect: Dialect, _record: Any, positional: Any, named: dict[str, Any]) -> Any:
        """Open a connection; raise what the driver raises."""
        if self._pooler == "auto":
            connection = dialect.connect(*positional, **named, **self.arguments("transaction"))
            try:
                self._pooler = "transaction" if is_pooled(connection) else "none"
            finally:
                connection.close()
        began = time.monotonic()
        connection = dialect.connect(*positional, **named, **self.arguments(self._pooler))
        if self._pooler != "none":
            self._have_served(connection, self._arguments["timeout"] - (time.monotonic() - began))
        return connection

    def _have_served(self, connection: Any, seconds: float) -> None:
        """Wait until the pooler has a connection of its own for this one: it lets in more than it can serve."""
        statement = self._set("SET") if self._pooler == "session" else "SELECT 1"
        try:
            connection.run_async(lambda driver: driver.execute(statement, timeout=seconds))
        except BaseException:
            connection.driver_connection.terminate()
            raise

    def arguments(self, pooler: Pooler) -> dict[str, Any]:
        """Return the arguments of asyncpg's `connect` for a pooler, and those of SQLAlchemy's layer upon it."""
        startup = {"application_name": self._name} | (self._limits if pooler == "none" else {})
        arguments = self._arguments | {"server_settings": startup}
        if pooler == "transaction":
            from app.pooler import transaction_mode  # noqa: PLC0415 - with asyncpg, which SQLite needs not

            arguments |= transaction_mode(self._set("SET LOCAL"))
        return arguments

    def _set(self, verb: str) -> str:
        return "; ".join(f"{verb} {name} = {value}" for name, value in self._limits.items())


def is_pooled(connection: Any) -> bool:
    """Tell whether another process answers than the one that was named when this DBAPI connection was opened."""
    cursor = connection.cursor()
    cursor.execute("SELECT pg_backend_pid()")
    (process,) = cursor.fetchone()
    return bool(process != connection.driver_connection.get_server_pid())


def _tls(mode: str, url: URL) -> Any:
    """Return asyncpg's argument for one of libpq's modes.

    From `require` on the context is made here: asyncpg would look for certificates in HOME, which may be unreadable.
    """
    if mode == "disable":
        return False
    if mode in {"allow", "prefer"}:
        return mode
    file = root_certificates(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = mode == "verify-full"
    if file:
        context.load_verify_locations(file)
    elif mode == "require" and "sslrootcert" not in url.query:
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_default_certs()
    return context


def take(connection: Any, _record: Any, _fairy: Any) -> None:
    """Have the pool's connection begin transactions, where it was read from; raise DisconnectionError if it is closed.

    The pool then replaces it: the driver knows that the server has closed a connection, no ping needs to find out.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError("closed by the server")
    connection.autocommit = False


def begin_reading(connection: Connection) -> None:
    """Have each statement on a connection that was just taken stand for itself, without a transaction around them.

    SQLAlchemy's own `isolation_level="AUTOCOMMIT"` sets and resets the connection by way of its dialect, which costs a
    request more than the round trips of a transaction.
    """
    dbapi_connection: Any = connection.connection.dbapi_connection
    dbapi_connection.autocommit = True


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
