"""The largest request body that is read.

FastAPI's own `max_body_size` answers in plain text from outside of all middleware: without problem details, request id
and access log line.
"""

from starlette import status
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimitMiddleware:
    """Answer 413 to a body that says it is, or turns out to be, longer than `max_bytes`; nothing of it is kept."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received = 0

        def refuse_over_limit(size: int) -> None:
            # Raised where the route reads, and so answered as any other error; the rest is not read, hence `close`.
            if size > self._max_bytes:
                detail = f"The body is longer than the {self._max_bytes} bytes that are allowed."
                raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, detail, {"Connection": "close"})

        async def receive_limited() -> Message:
            nonlocal received
            # Asked only here: most requests have no body that anybody reads.
            declared = Headers(scope=scope).get("content-length", "")
            refuse_over_limit(int(declared) if declared.isdecimal() else 0)
            message = await receive()
            received += len(message.get("body", b""))
            refuse_over_limit(received)
            return message

        await self._app(scope, receive_limited, send)
