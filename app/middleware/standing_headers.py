"""The headers that every answer has: what a browser must not do with it, and `Connection: close` at the end."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.lifecycle import Lifecycle

# For an API: nothing of it is a page, a script or a frame, and nobody stores it. A route that knows better says so.
STANDING = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class StandingHeadersMiddleware:
    """Add the headers that an answer lacks; of a worker that is about to go, ask HTTP/1 clients to connect elsewhere.

    So none is cut while it sends its next request.
    """

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self._app = app
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                given = {name for name, _ in headers}
                headers += [standing for standing in STANDING if standing[0] not in given]
                # Asked for each answer: a request may have begun before the lame duck did.
                if self._lifecycle.closing and scope["http_version"].startswith("1"):
                    headers.append((b"connection", b"close"))
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, send_with_headers)
