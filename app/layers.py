"""Which layers surround the routes, and in which order.

From the outside: the service's own (app/main.py has them), then what is added by `add_middleware`, the last one added
the outermost of those, then exception handlers and routes. So whatever is added has a request id, limits, metrics and
problem details around it.
"""

from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from app.middleware.exchange import ExchangeMiddleware


class UnsupportedError(Exception):
    """Something was added to the application that would have no effect; the message says what does."""


class LayeredApp(FastAPI):
    """FastAPI with the service's own layers in place of those that FastAPI puts around all others."""

    def __init__(self, *, own: list[Middleware], **options: Any) -> None:
        """Take the service's own layers, the outermost first, which is ExchangeMiddleware."""
        super().__init__(**options, redirect_slashes=False)
        self._own = own
        self.router.default = self._find_by_slash

    def build_middleware_stack(self) -> ASGIApp:
        """Return all layers; raise UnsupportedError for what would be dropped in silence."""
        if self.router.on_startup or self.router.on_shutdown:
            raise UnsupportedError("on_event and add_event_handler have no effect: use the lifespan in app/main.py")
        if self.max_body_size is not None:
            raise UnsupportedError("max_body_size has no effect: set APP_MAX_BODY_BYTES")
        if self.debug:
            raise UnsupportedError("debug has no effect: tracebacks are in the log, under the request's id")
        added = self.user_middleware
        self.user_middleware = [*self._own, *added]
        try:
            stack = super().build_middleware_stack()
        finally:
            self.user_middleware = added
        while not isinstance(stack, ExchangeMiddleware):  # FastAPI's, which find nothing to do around ours
            stack = stack.app  # type: ignore[attr-defined]  # every layer of theirs has it
        return stack

    async def _find_by_slash(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect to the path that a route has with, or without, a slash at its end; else answer 404.

        Starlette's own redirect names a scheme and a host, which behind a proxy are not the client's, and leaves away
        what a proxy has taken from the path.
        """
        path = scope["path"]
        other = path.rstrip("/") if path.endswith("/") else f"{path}/"
        changed = {**scope, "path": other}
        found = other and not other.startswith("//") and scope["type"] == "http"  # `//` would be another host
        if found and any(route.matches(changed)[0] is not Match.NONE for route in self.routes):
            query = scope["query_string"].decode("latin-1")
            location = quote(scope.get("root_path", "") + other) + (f"?{query}" if query else "")
            await RedirectResponse(location)(scope, receive, send)
        else:
            await self.router.not_found(scope, receive, send)
