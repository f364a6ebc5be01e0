"""What is told of each request when its last byte is handed to the server: a line in the access log, and its metrics.

One middleware for both: they watch the same, and each layer costs a request 2 microseconds or more.
"""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import logs
from app.metrics import Metrics

# What machines ask at a steady rate, whatever users do. They are not among the metrics: in an hour without users, one
# failed readiness probe would be an error ratio of its own. Readiness has its own metrics.
OPERATIONAL = frozenset({"/health/live", "/health/ready", "/health/startup", "/metrics"})
UNMATCHED = "unmatched"  # the one name of what no route answered: a path is the client's to choose
CLIENT_CLOSED_REQUEST = 499  # nginx's word for a client that left before the answer
FIRST_ERROR = 400


class ObservationMiddleware:
    """Log and count each request; probes and scrapes are logged if they fail or `log_probes` is true."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, log_probes: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._log_probes = log_probes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = CLIENT_CLOSED_REQUEST

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        operational = scope["path"] in OPERATIONAL
        self._metrics.in_flight += not operational
        began = time.perf_counter()
        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            seconds = time.perf_counter() - began
            if not operational:
                self._metrics.in_flight -= 1
                route = getattr(scope.get("route"), "path", UNMATCHED)
                self._metrics.request_answered(scope["method"], route, status, seconds)
            if not operational or self._log_probes or status >= FIRST_ERROR:
                logs.emit(
                    "request",
                    {
                        "method": scope["method"],
                        "path": scope["path"],
                        "status": status,
                        "duration_ms": round(seconds * 1000, 3),
                        "client": scope["client"][0] if scope.get("client") else None,
                        **structlog.contextvars.get_contextvars(),
                    },
                )
