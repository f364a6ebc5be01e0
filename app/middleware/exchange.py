"""The outermost layer, around all others: it knows of each request its id and what became of it.

What a concern does is in a module of its own; this composes them, so that a request pays for one wrapper of `send`.
"""

import time
from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.lifecycle import Lifecycle
from app.middleware import request_id
from app.middleware.observation import CLIENT_CLOSED_REQUEST, Observation
from app.middleware.standing_headers import with_standing

ANSWER = "app.answer"


class Answer:
    """One request's answer on its way out; inner layers find it in the scope, under ANSWER."""

    __slots__ = ("_closes", "_id", "_send", "status")

    def __init__(self, send: Send, request_id: bytes, closes: Lifecycle | None) -> None:
        self._send = send
        self._id = (b"x-request-id", request_id)
        self._closes = closes
        self.status: int | None = None

    @property
    def started(self) -> bool:
        """Whether there is no way back: the head is out."""
        return self.status is not None

    def send(self, message: Message) -> Awaitable[None]:
        """Send a message on, the head with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = with_standing(message.get("headers", ()), self._id)
            # Asked for each answer: a request may have begun before the lame duck did.
            if self._closes and self._closes.closing:
                headers.append((b"connection", b"close"))
            message["headers"] = headers
        return self._send(message)


class ExchangeMiddleware:
    """Give each request an id and each answer its headers, and tell the logs and the metrics of both.

    HTTP/1 clients of a worker that is about to go are asked to connect elsewhere: so none is cut while it sends its
    next request.
    """

    def __init__(self, app: ASGIApp, *, lifecycle: Lifecycle, observation: Observation) -> None:
        self._app = app
        self._lifecycle = lifecycle
        self._observation = observation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        closes = self._lifecycle if scope["http_version"].startswith("1") else None
        answer = scope[ANSWER] = Answer(send, request_id.bind(scope["headers"]), closes)
        self._observation.begin(scope)
        began = time.perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        finally:
            del scope[ANSWER]  # it refers to the server's own object, which has the scope: garbage for the collector
            status = CLIENT_CLOSED_REQUEST if answer.status is None else answer.status
            self._observation.end(scope, status, time.perf_counter() - began)
