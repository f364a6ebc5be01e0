"""What an error of the database means: an outage, settings that the database refuses, or a bug of the service.

The question is asked where the driver raises the error, never around a route: an OSError of the route's own, from a
file or from another service, says nothing about the database.
"""

import ssl
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.errors import DatabaseUnavailableError

# https://www.postgresql.org/docs/17/errcodes-appendix.html: connection, authorization, unknown database, rolled back to
# be tried again, resources, operator intervention (a timeout, too), system error; then read-only (a standby), a
# statement that a pooler has prepared elsewhere, and a lock not granted.
_UNAVAILABLE_STATES = ("08", "28", "3D", "40", "53", "57", "58", "25006", "25P03", "26000", "42P05", "55P03")

# asyncpg's names for a statement that was prepared before another process changed the schema.
_STALE = ("InvalidCachedStatementError", "OutdatedSchemaCacheError")

# https://www.sqlite.org/rescode.html: what speaks of the file and its locks, not of the statement.
_UNAVAILABLE_NAMES = (
    "SQLITE_BUSY",
    "SQLITE_CANTOPEN",
    "SQLITE_CORRUPT",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_LOCKED",
    "SQLITE_NOTADB",
    "SQLITE_PERM",
    "SQLITE_PROTOCOL",
    "SQLITE_READONLY",
)

# What no waiting mends, and what to change.
_POOLED = "a connection pooler answers: set APP_DATABASE_POOLER to its mode, session or transaction"
_ENCRYPT = "set sslmode=require, or better verify-full, in APP_DATABASE_URL"
_REFUSED = {
    "26000": _POOLED,
    "28": "correct the user, the password or the TLS mode in APP_DATABASE_URL or APP_DATABASE_PASSWORD",
    "42P05": _POOLED,
    "3D": "create the database, or correct its name in APP_DATABASE_URL",
    "SQLITE_CANTOPEN": "make the file's directory, let the service's user write it, or correct APP_DATABASE_URL",
    "SQLITE_CORRUPT": "restore the file from a backup",
    "SQLITE_NOTADB": "name a SQLite database in APP_DATABASE_URL, or restore it from a backup",
    "SQLITE_PERM": "let the service's user read and write the file and its directory",
    "SQLITE_READONLY": "let the service's user write the file and its directory",
}
# A pooler has one code for whatever it says itself, a protocol violation or an internal error; the driver has none.
_UNSPECIFIC = ("08P01", "XX000")
_REFUSED_WORDS = {
    "unsupported startup parameter": _POOLED,
    "no such database": "correct the database's name in APP_DATABASE_URL, or add it to the pooler's configuration",
    "no such user": "correct the user in APP_DATABASE_URL, or add it to the pooler's configuration",
    "password authentication failed": _REFUSED["28"],
    "SASL authentication failed": _REFUSED["28"],
    "Tenant or user not found": _REFUSED["28"],
    "SSL required": _ENCRYPT,
    "requires TLS": _ENCRYPT,
    "connection is insecure": _ENCRYPT,
    "rejected SSL upgrade": "switch TLS on at the server, or set sslmode=disable in APP_DATABASE_URL",
}

_log = structlog.get_logger()


def tell_outages(engine: Engine, note: Callable[[], None]) -> None:
    """Have each error of the engine's driver that is an outage raised as DatabaseUnavailableError, and noted."""

    def translate(context: ExceptionContext) -> Exception | None:
        error = context.original_exception
        if isinstance(error, Exception) and (context.is_disconnect or is_outage(error)):
            note()
            return DatabaseUnavailableError()
        return None

    event.listen(engine, "handle_error", translate)


def is_outage(error: BaseException) -> bool:
    """Tell an error of the database's availability from one of a statement."""
    if isinstance(error, DatabaseUnavailableError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    cause = driver_error(error)
    return (
        isinstance(cause, (OSError, PoolTimeoutError))  # the driver's own timeouts are OSErrors
        or _code(cause).startswith((*_UNAVAILABLE_STATES, *_UNAVAILABLE_NAMES))
        or is_stale_plan(cause)
        or refusal(cause) is not None
    )


def is_stale_plan(error: BaseException) -> bool:
    """Tell whether a statement had been prepared before another process changed the schema: it may be tried again."""
    return type(driver_error(error)).__name__ in _STALE


def refusal(error: BaseException) -> str | None:
    """Return what to change where the database will refuse the settings however long anybody waits, else None."""
    cause = driver_error(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "name the CA of the server's certificate as sslrootcert, and the host it is for, in APP_DATABASE_URL"
    if isinstance(cause, PermissionError):  # the driver looks for certificates and passwords in ~/.postgresql
        files = cause.filename or "~/.postgresql and ~/.pgpass, or a server's socket"
        return f"let the service's user read {files}, or set HOME to a directory that it can read"
    code = _code(cause)
    if isinstance(cause, ConnectionError) or code in _UNSPECIFIC:
        return next((advice for words, advice in _REFUSED_WORDS.items() if words in str(cause)), None)
    return next((advice for start, advice in _REFUSED.items() if code.startswith(start)), None)


def describe(error: BaseException) -> str:
    """Return the driver's own error in one line, without the statement and its parameters."""
    cause = driver_error(error)
    words = str(cause).splitlines() or [""]
    return f"{type(cause).__name__}: {words[0]}".removesuffix(": ")


def log(error: BaseException) -> None:
    """Log an outage in one line by its cause: as an error, with what to change, where waiting mends nothing."""
    advice = refusal(error)
    if advice:
        _log.error("database refuses the settings", error=describe(error), advice=advice)
    else:
        _log.warning("database unavailable", error=describe(error))


def driver_error(error: BaseException) -> BaseException:
    """Return what the driver itself has raised, without what SQLAlchemy and this module have wrapped around it."""
    while isinstance(error, DatabaseUnavailableError) and error.__cause__:
        error = error.__cause__
    if isinstance(error, DBAPIError):
        error = error.orig or error
    # SQLAlchemy emulates a DBAPI for asyncpg: its errors have asyncpg's as their cause.
    return error.__cause__ if _is_emulated(error) and error.__cause__ else error


def _is_emulated(error: BaseException) -> bool:
    return type(error).__module__.startswith("sqlalchemy.dialects.")


def _code(error: Any) -> str:
    """Return PostgreSQL's five characters, or SQLite's name."""
    return getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or ""
