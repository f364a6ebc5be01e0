"""The database's URL: its driver and its parameters, each supported or refused by name before anything connects.

A URL holds a password: no message shows any part of it but the name of a parameter.
"""

import difflib
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SYSTEM_CAS = "system"
"""What libpq calls the CAs that the machine trusts, where `sslrootcert` may else name a file."""

_ANY: tuple[str, ...] = ()
_PARAMETERS = {
    "sqlite": dict.fromkeys(("cache", "immutable", "mode", "uri", "vfs"), _ANY),
    "postgresql": {
        "application_name": _ANY,
        "host": _ANY,
        "ssl": SSL_MODES,  # as SQLAlchemy and asyncpg call it
        "sslmode": SSL_MODES,
        "sslrootcert": _ANY,
        "target_session_attrs": ("any", "primary", "standby", "read-write", "read-only", "prefer-standby"),
    },
}
_INSTEAD = {
    "command_timeout": "set APP_DATABASE_STATEMENT_TIMEOUT_SECONDS",
    "connect_timeout": "set APP_DATABASE_CONNECT_TIMEOUT_SECONDS",
    "max_overflow": "set APP_DATABASE_MAX_OVERFLOW",
    "options": "set it for the role, by ALTER ROLE ... SET",
    "password": "set APP_DATABASE_PASSWORD",
    "pgbouncer": "set APP_DATABASE_POOLER",
    "pool_recycle": "set APP_DATABASE_POOL_RECYCLE_SECONDS",
    "pool_size": "set APP_DATABASE_POOL_SIZE",
    "pool_timeout": "set APP_DATABASE_POOL_TIMEOUT_SECONDS",
    "prepared_statement_cache_size": "set APP_DATABASE_POOLER",
    "statement_cache_size": "set APP_DATABASE_POOLER",
    "statement_timeout": "set APP_DATABASE_STATEMENT_TIMEOUT_SECONDS",
    "timeout": "set APP_DATABASE_CONNECT_TIMEOUT_SECONDS",
}


def check(text: str) -> None:
    """Raise ValueError, which says what is allowed, for a URL that could not be used as it is meant."""
    if text != text.strip() or text[:1] in {'"', "'"} or not text.isprintable():
        raise ValueError("a URL without spaces, quotes or line breaks around it or in it")
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # the latter, for a port that is none, would quote what it was given
        url = None
    if url is None or url.drivername not in DRIVERS:
        raise ValueError(f"a URL that begins with {' or '.join(f'{name}://' for name in DRIVERS)}")
    if "@" in text.partition("?")[2]:
        raise ValueError("a URL with %3F for ? and %40 for @ in its user, password and parameters")
    _check_parameters(url)


def _check_parameters(url: URL) -> None:
    known = _PARAMETERS[url.get_backend_name()]
    for name, value in url.query.items():
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            meant = f", did you mean {close[0]}?" if close else ""
            instead = _INSTEAD.get(name, f"allowed are {', '.join(known)}{meant}")
            raise ValueError(f"a URL without the parameter {name}: {instead}")
        if not isinstance(value, str) and name != "host":
            raise ValueError(f"a URL that has the parameter {name} once")
        if known[name] and value not in known[name]:
            raise ValueError(f"a URL whose parameter {name} is one of {', '.join(known[name])}")
    if {"ssl", "sslmode"} <= url.query.keys():
        raise ValueError("a URL with one of the parameters ssl and sslmode")
    if "sslrootcert" in url.query and ssl_mode(url) not in SSL_MODES[SSL_MODES.index("require") :]:
        raise ValueError("a URL with sslmode require, verify-ca or verify-full where it has sslrootcert")


def ssl_mode(url: URL) -> str | None:
    """Return the TLS mode of a URL that was checked, None where it leaves it to the driver."""
    mode = url.query.get("sslmode", url.query.get("ssl"))
    return mode if isinstance(mode, str) else None


def root_certificates(url: URL) -> Path | None:
    """Return the file of CA certificates of a URL that was checked, None for those that the machine trusts."""
    path = url.query.get("sslrootcert", SYSTEM_CAS)
    return Path(path) if isinstance(path, str) and path != SYSTEM_CAS else None
