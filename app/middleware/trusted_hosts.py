"""The host names that the service answers to.

Starlette's own middleware answers in plain text, redirects to `www.`, and knows no exempt paths: probes come by IP.
"""

import re
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.problems import problem_response

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")


class TrustedHostsMiddleware:
    """Answer 400 to a request whose Host is none of `hosts` (`*.example.com`: all below it), nor its path `exempt`."""

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...], exempt: tuple[str, ...]) -> None:
        self._app = app
        self._names = frozenset(host.lower() for host in hosts)
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
        given = Headers(scope=scope).getlist("host")
        parsed = _HOST.fullmatch(given[0].lower()) if len(given) == 1 else None
        return parsed is not None and (parsed["name"] in self._names or parsed["name"].endswith(self._suffixes))
