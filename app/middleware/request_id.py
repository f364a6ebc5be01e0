"""The request id, in and out, and the caller's trace: both are in every line logged while the request is answered."""

import os
import re

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# An id goes into logs and a header as it comes: nothing but what is harmless there.
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


class RequestIdMiddleware:
    """Take the caller's `X-Request-ID` or make one, answer with it, and bind it (and `traceparent`) for the logs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = b""
        context = {}
        for name, value in reversed(scope["headers"]):  # the first of its name counts
            if name == b"x-request-id":
                request_id = value
            elif name == b"traceparent" and (parent := _TRACEPARENT.fullmatch(value.decode("latin-1"))):
                context = {"trace_id": parent[1], "span_id": parent[2]}
        if not _REQUEST_ID.fullmatch(request_id):
            request_id = os.urandom(16).hex().encode()
        context["request_id"] = request_id.decode()
        # A kept-alive connection may hand down the context of its last request (python/cpython#140947).
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(**context)
        header = (b"x-request-id", request_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        await self._app(scope, receive, send_with_id)
