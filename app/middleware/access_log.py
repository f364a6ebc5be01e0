"""The access log: one line for each request, when its last byte is handed to the server."""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import logs

PROBE_PATHS = "/health/"
CLIENT_CLOSED_REQUEST = 499  # nginx's word for a client that left before the answer
FIRST_ERROR = 400


class AccessLogMiddleware:
    """Log each request; successful probes only if `probes` is true."""

    def __init__(self, app: ASGIApp, *, probes: bool) -> None:
        self._app = app
        self._probes = probes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = CLIENT_CLOSED_REQUEST

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            if self._probes or status >= FIRST_ERROR or not scope["path"].startswith(PROBE_PATHS):
                logs.emit(
                    "request",
                    {
                        "method": scope["method"],
                        "path": scope["path"],
                        "status": status,
                        "duration_ms": round((time.perf_counter() - began) * 1000, 3),
                        "client": scope["client"][0] if scope.get("client") else None,
                        **structlog.contextvars.get_contextvars(),
                    },
                )
