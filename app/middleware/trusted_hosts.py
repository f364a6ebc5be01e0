"""The host names that the service answers to.

Starlette's own middleware answers in plain text, redirects to `www.`, and knows no exempt paths: probes come by IP.
"""

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from app.authority import host_of
from app.problems import problem_response


class TrustedHostsMiddleware:
    """Answer 400 to a request whose Host is none of `hosts` (`*.example.com`: all below it), nor its path `exempt`."""

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...], exempt: tuple[str, ...]) -> None:
        self._app = app
        self._names = frozenset(host_of(host.encode()) for host in hosts if not host.startswith("*."))
        self._suffixes = tuple(host[1:].lower() for host in hosts if host.startswith("*."))
        self._exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http" or scope["path"].startswith(self._exempt) or self._is_trusted(scope):
            await self._app(scope, receive, send)
            return
        detail = "The Host of the request is none that this service answers to."
        await problem_response(HTTPStatus.BAD_REQUEST, detail)(scope, receive, send)

    def _is_trusted(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"host"]
        host = host_of(given[0]) if len(given) == 1 else None
        return host is not None and (host in self._names or host.endswith(self._suffixes))
