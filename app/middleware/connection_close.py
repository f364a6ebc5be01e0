"""`Connection: close` on every answer of a worker that is about to go."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.lifecycle import Lifecycle


class ConnectionCloseMiddleware:
    """Ask HTTP/1 clients to open their next connection elsewhere, so that none is cut while it sends a request."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self._app = app
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http" or not scope["http_version"].startswith("1"):
            await self._app(scope, receive, send)
            return

        async def send_closing(message: Message) -> None:
            # Asked for each answer: a request may have begun before the lame duck did.
            if message["type"] == "http.response.start" and self._lifecycle.closing:
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive, send_closing)
