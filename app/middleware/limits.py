"""The inner layer: which requests are let in, for how long, with how much of a body, and what becomes of their errors.

What a limit does is in a module of its own; this composes them, so that a request pays for one wrapper of `receive`.
"""

from http import HTTPStatus

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.body_limit import declared_bytes, refuse_over
from app.middleware.concurrency_limit import DETAIL, ConcurrencyLimit
from app.middleware.deadline import Deadlines
from app.middleware.exchange import ANSWER, Answer
from app.problems import RETRY_AFTER, problem_response

_log = structlog.get_logger()


class Body:
    """A request's body on its way in; whatever it may not is raised where the route reads, and answered as any error.

    A request that waits for more of its body is not at work: else a few clients that send slowly would lock out all
    others. It is refused, or counted again, when the next piece is there.
    """

    __slots__ = ("_max_bytes", "_places", "_receive", "_received", "_scope", "awaited", "more")

    def __init__(self, scope: Scope, receive: Receive, max_bytes: int, places: ConcurrencyLimit) -> None:
        self._scope = scope
        self._receive = receive
        self._max_bytes = max_bytes
        self._places = places
        self._received = 0
        self.awaited = False
        self.more = True

    async def receive(self) -> Message:
        """Return the next piece, or the news that the client has left."""
        if not self.more:
            return await self._receive()
        # Asked only here: most requests have no body that anybody reads.
        refuse_over(self._max_bytes, declared_bytes(self._scope))
        self._places.leave()
        try:
            self.awaited = True
            message = await self._receive()
            self.awaited = False
            self.more = message.get("more_body", False)
            if self._places.full:
                headers = RETRY_AFTER | ({"Connection": "close"} if self.more else {})
                raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, DETAIL, headers)
        finally:
            self._places.enter()
        self._received += len(message.get("body", b""))
        refuse_over(self._max_bytes, self._received)
        return message


class LimitsMiddleware:
    """Answer 503 to what comes while `max_requests` are at work, and cancel what takes longer than `seconds`.

    Below the paths in `exempt` requests are not counted. An error that nobody foresaw is logged once, and answered
    with 500 and the id under which the log has its traceback. Half an answer is cut instead.
    """

    def __init__(
        self, app: ASGIApp, *, max_requests: int, exempt: tuple[str, ...], seconds: float, max_body_bytes: int
    ) -> None:
        self._app = app
        self._places = ConcurrencyLimit(max_requests)
        self._unlimited = ConcurrencyLimit(float("inf"))
        self._exempt = exempt
        self._deadlines = Deadlines(seconds)
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer: Answer = scope[ANSWER]
        places = self._unlimited if scope["path"].startswith(self._exempt) else self._places
        if places.full:
            await problem_response(HTTPStatus.SERVICE_UNAVAILABLE, DETAIL, RETRY_AFTER)(scope, receive, send)
            return
        body = Body(scope, receive, self._max_body_bytes, places)
        deadline = self._deadlines.begin()
        places.enter()
        try:
            with deadline:
                await self._app(scope, body.receive, send)
        except Exception as error:
            if isinstance(error, TimeoutError) and deadline.passed and not answer.started:
                response = self._too_late(body)
            else:
                _log.exception("unhandled error", method=scope["method"], path=scope["path"])
                if answer.started:
                    raise
                response = problem_response(HTTPStatus.INTERNAL_SERVER_ERROR)
            await response(scope, receive, send)
        finally:
            places.leave()

    def _too_late(self, body: Body) -> Response:
        """Return 408 if the body is what took so long, else 503: the service is no gateway, so 504 is not its word."""
        seconds = self._deadlines.seconds
        if body.awaited:
            detail = f"The body was not there within {seconds:g} s."
            return problem_response(HTTPStatus.REQUEST_TIMEOUT, detail, {"Connection": "close"})
        detail = f"The request was not done within {seconds:g} s; it may or may not have had its effect."
        return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, detail, RETRY_AFTER)
