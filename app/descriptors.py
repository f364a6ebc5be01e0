"""How many connections a worker may have by its limit of descriptors (RLIMIT_NOFILE).

Without one left a worker cannot accept: libuv then closes whatever waits, probes too, and tells nobody. containerd's
default is a soft limit of 1024, which a process may raise to the hard one itself.
"""

import resource

import structlog

from app.settings import BadSettingsError, Settings

OWN = 64  # the listener, the event loop, the metrics' files, logs, DNS, what is open for a moment
OF_A_DATABASE_CONNECTION = 3  # SQLite's file, its log, its log's index; a socket for PostgreSQL
BACKLOG = 2048  # as many connections may wait to be accepted (gunicorn's default), and are then accepted at once
LEAST_REST = 32  # for connections, and for what is accepted at once

_log = structlog.get_logger()


def fit(settings: Settings) -> tuple[Settings, int]:
    """Return settings whose `max_connections` there are descriptors for, and how many more may wait to be accepted.

    The soft limit is raised as far as is needed and allowed; what is lowered is logged. What waits needs descriptors,
    too: only when it is accepted a worker knows that it has too many connections, and has one make room.

    Raise BadSettingsError if there are too few to serve at all.
    """
    database = settings.database_pool_size + settings.database_max_overflow + 1  # and one for readiness
    own = OWN + OF_A_DATABASE_CONNECTION * database
    wanted = settings.max_connections
    limit = _raise_to(own + wanted + BACKLOG)
    rest = limit - own
    if rest < LEAST_REST:
        raise BadSettingsError(
            f"cannot start: given a limit of {limit} open files (RLIMIT_NOFILE); allowed: {own + LEAST_REST} "
            f"and more, {own + wanted + BACKLOG} for APP_MAX_CONNECTIONS={wanted}"
        )
    connections = min(wanted, max(rest - BACKLOG, rest * 3 // 4))
    if connections < wanted:
        _log.warning(
            "fewer connections than APP_MAX_CONNECTIONS: the limit of open files (RLIMIT_NOFILE) is too low",
            max_connections=connections,
            given=wanted,
            limit=limit,
            needed=own + wanted + BACKLOG,
        )
    return settings.model_copy(update={"max_connections": connections}), min(BACKLOG, rest - connections)


def _raise_to(wanted: int) -> int:
    """Raise the soft limit to `wanted`, or as far as the hard limit lets it; return what it is then, up to `wanted`."""
    soft, hard = (wanted if limit == resource.RLIM_INFINITY else limit for limit in _limits())
    if soft < wanted:
        soft = min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, _limits()[1]))
    return min(soft, wanted)


def _limits() -> tuple[int, int]:
    return resource.getrlimit(resource.RLIMIT_NOFILE)
