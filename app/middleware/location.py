"""Addresses within the service, which only the client's side knows: a proxy may have another scheme, host or path.

So a `Location` that names the request's own host is made relative to it (RFC 9110, 10.2.2), and the path that the
service is served below is taken from a request if the proxy has left it there.
"""

from collections.abc import Iterable

from starlette.types import Scope

from app.middleware.standing_headers import Header

STATUSES = frozenset({201, 301, 302, 303, 307, 308})


def made_relative(headers: Iterable[Header], scope: Scope) -> list[Header]:
    """Return the headers of an answer, a `Location` on the request's own host without scheme and host."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return [(name, _path_of(value, host)) if name == b"location" else (name, value) for name, value in headers]


def _path_of(location: bytes, host: bytes) -> bytes:
    scheme, separator, rest = location.partition(b"://")
    if not separator or scheme not in (b"http", b"https") or rest[: len(host)].lower() != host.lower():
        return location
    path = rest[len(host) :]
    # `//` begins the name of another host, and so may the rest of a name that only begins like the request's.
    return path if path.startswith(b"/") and not path.startswith(b"//") else location


def enter(scope: Scope, root_path: str) -> None:
    """Take the path that the service is served below from a request's, which has it unless the proxy has taken it."""
    scope["root_path"] = root_path  # for what makes addresses
    if scope["path"].startswith(f"{root_path}/"):
        scope["path"] = scope["path"][len(root_path) :]
