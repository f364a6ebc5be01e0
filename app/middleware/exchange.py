"""The outermost layer, around all others: it knows of each request its id and what became of it.

What a concern does is in a module of its own; this composes them, so that a request pays for one wrapper of `send`.
"""

import time
from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.lifecycle import Lifecycle
from app.middleware import head, location, request_id
from app.middleware.observation import CLIENT_CLOSED_REQUEST, Observation
from app.middleware.standing_headers import with_standing
from app.middleware.stay import Stay

ANSWER = "app.answer"
# The server puts it into a scope when it has reason to ask: a coroutine function, whether the client left too early.
CLIENT_LEFT = "app.client_left"


class Answer:
    """One request's answer on its way out; inner layers find it in the scope, under ANSWER.

    What is told of a request is told as soon as its answer is with the server: what it does in the background is not
    the client's time.
    """

    __slots__ = (
        "_began",
        "_closes",
        "_id",
        "_method",
        "_observation",
        "_scope",
        "_send",
        "complete",
        "status",
        "stay",
        "told",
    )

    def __init__(
        self, scope: Scope, send: Send, request_id: bytes, closes: Lifecycle | None, observation: Observation
    ) -> None:
        self._scope = scope
        self._send = send
        self._id = (b"x-request-id", request_id)
        self._closes = closes
        self._observation = observation
        self._began = time.perf_counter()
        self._method = scope["method"]
        self.status: int | None = None
        self.complete = False
        self.told = False
        self.stay: Stay | None = None

    @property
    def started(self) -> bool:
        """Whether there is no way back: the head is out."""
        return self.status is not None

    def send(self, message: Message) -> Awaitable[None]:
        """Send a message on, the head with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self._scope["method"] = self._method
            if message["status"] in location.STATUSES:
                message["headers"] = location.made_relative(message.get("headers", ()), self._scope)
            headers = with_standing(message.get("headers", ()), self._id)
            # Asked for each answer: a request may have begun before the lame duck did.
            if self._closes and self._closes.closing:
                headers.append((b"connection", b"close"))
            message["headers"] = headers
            if self.stay:
                self.stay.head_goes(message)
            self.status = message["status"]
            return self._send(message)
        if not message.get("more_body"):
            return self._complete(message)
        return self.stay.send_piece(self._send, message) if self.stay else self._send(message)

    def tell(self, *, left: bool) -> None:
        """Tell what has become of the request, once; `left` says whether its client has gone without its answer."""
        if not self.told:
            self.told = True
            self._scope["method"] = self._method
            status = CLIENT_CLOSED_REQUEST if self.status is None or left else self.status
            self._observation.end(self._scope, status, time.perf_counter() - self._began)

    async def _complete(self, message: Message) -> None:
        await self._send(message)
        self.complete = True
        if self.stay:
            self.stay.answered()
        self.tell(left=CLIENT_LEFT in self._scope and await self._scope[CLIENT_LEFT]())


class ExchangeMiddleware:
    """Give each request an id and each answer its headers, and tell the logs and the metrics of both.

    HTTP/1 clients of a worker that is about to go are asked to connect elsewhere: so none is cut while it sends its
    next request.
    """

    def __init__(self, app: ASGIApp, *, lifecycle: Lifecycle, observation: Observation, root_path: str = "") -> None:
        self._app = app
        self._root_path = root_path
        self._lifecycle = lifecycle
        self._observation = observation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._root_path:
            location.enter(scope, self._root_path)
        closes = self._lifecycle if scope["http_version"].startswith("1") else None
        bound = request_id.bind(scope["headers"])
        answer = scope[ANSWER] = Answer(scope, send, bound, closes, self._observation)
        self._observation.begin(scope)
        if scope["method"] == "HEAD" and head.is_for_get(scope):
            scope["method"] = "GET"  # until the answer begins: the server and what is told of it know the client's
        try:
            await self._app(scope, receive, answer.send)
        finally:
            del scope[ANSWER]  # they refer to each other: garbage for the collector
            if not answer.told:
                answer.tell(left=CLIENT_LEFT in scope and await scope[CLIENT_LEFT]())
