"""The inner layer: which requests are let in, for how long, with how much of a body, and what becomes of their errors.

What a limit does is in a module of its own; this composes them, so that a request pays for one wrapper of `receive`.
"""

import asyncio
from http import HTTPStatus

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.body_limit import declared_bytes, refuse_over
from app.middleware.concurrency_limit import DETAIL, ConcurrencyLimit
from app.middleware.deadline import Deadlines
from app.middleware.exchange import ANSWER, Answer
from app.middleware.stay import Phase, Phases, Stay
from app.problems import RETRY_AFTER, problem_response

NO_STREAM = "The service has as many streams as it can hold; try again."

_log = structlog.get_logger()


class Body:
    """A request's body on its way in; whatever it may not is raised where the route reads, and answered as any error.

    A request that waits for more of its body is not at work: else a few clients that send slowly would lock out all
    others. It is refused, or counted again, when the next piece is there.
    """

    __slots__ = ("_max_bytes", "_receive", "_received", "_scope", "_stay", "awaited", "more")

    def __init__(self, scope: Scope, receive: Receive, max_bytes: int, stay: Stay) -> None:
        self._scope = scope
        self._receive = receive
        self._max_bytes = max_bytes
        self._stay = stay
        self._received = 0
        self.awaited = False
        self.more = True

    async def receive(self) -> Message:
        """Return the next piece, or the news that the client has left."""
        if not self.more:
            return await self._receive()
        # Asked only here: most requests have no body that anybody reads.
        refuse_over(self._max_bytes, declared_bytes(self._scope))
        message = await (self._receive() if self._stay.streams else self._wait())
        self.more = message.get("more_body", False)
        self._received += len(message.get("body", b""))
        refuse_over(self._max_bytes, self._received)
        return message

    async def _wait(self) -> Message:
        place = self._stay.place
        place.leave()
        try:
            self.awaited = True
            message = await self._receive()
            self.awaited = False
            if place.full:
                headers = RETRY_AFTER | ({"Connection": "close"} if message.get("more_body") else {})
                raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, DETAIL, headers)
        finally:
            place.enter()
        return message


class LimitsMiddleware:
    """Answer 503 to what comes while `max_requests` are at work, and cancel what takes longer than `seconds`.

    Below the paths in `exempt` requests are not counted. An error that nobody foresaw is logged once, and answered
    with 500 and the id under which the log has its traceback. Half an answer is cut instead. What `phases` allow
    counts from an answer's beginning.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_requests: int,
        exempt: tuple[str, ...],
        seconds: float,
        max_body_bytes: int,
        phases: Phases,
    ) -> None:
        self._app = app
        deadlines = Deadlines(seconds)
        self._work = Phase(ConcurrencyLimit(max_requests), deadlines)
        self._unlimited = Phase(ConcurrencyLimit(float("inf")), deadlines)
        self._exempt = exempt
        self._max_body_bytes = max_body_bytes
        self._phases = phases

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer: Answer = scope[ANSWER]
        work = self._unlimited if scope["path"].startswith(self._exempt) else self._work
        if work.places.full:
            await problem_response(HTTPStatus.SERVICE_UNAVAILABLE, DETAIL, RETRY_AFTER)(scope, receive, send)
            return
        stay = answer.stay = Stay(self._phases, work)
        body = Body(scope, receive, self._max_body_bytes, stay)
        try:
            with stay.deadline:
                await self._app(scope, body.receive, send)
        except Exception as error:
            late = isinstance(error, TimeoutError) and stay.deadline.passed
            if not answer.started:
                response = self._failure(scope, stay, body, late=late)
                await response(scope, receive, send)
            elif not late:
                _log.exception("background task failed" if answer.complete else "unhandled error", **_named(scope))
                if not answer.complete:
                    raise
            elif stay.ended and not answer.complete:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                took = "took longer than" if answer.complete else "sent nothing for"
                _tell_cut(scope, answer, f"it {took} {stay.deadline.seconds:g} s")
        except asyncio.CancelledError:
            if not answer.started:
                raise
            _tell_cut(scope, answer, "the worker ends")
        finally:
            answer.stay = None
            stay.leave()

    def _failure(self, scope: Scope, stay: Stay, body: Body, *, late: bool) -> Response:
        """Return the answer in place of one that has not begun.

        408 if the body is what took so long, else 503: the service is no gateway, so 504 is not its word.
        """
        if stay.refused:
            return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, NO_STREAM, RETRY_AFTER)
        if not late:
            _log.exception("unhandled error", **_named(scope))
            return problem_response(HTTPStatus.INTERNAL_SERVER_ERROR)
        seconds = stay.deadline.seconds
        if body.awaited:
            detail = f"The body was not there within {seconds:g} s."
            return problem_response(HTTPStatus.REQUEST_TIMEOUT, detail, {"Connection": "close"})
        detail = f"The request was not done within {seconds:g} s; it may or may not have had its effect."
        return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, detail, RETRY_AFTER)


def _named(scope: Scope) -> dict[str, str]:
    return {"method": scope["method"], "path": scope["path"]}


def _tell_cut(scope: Scope, answer: Answer, reason: str) -> None:
    _log.warning("background task cut" if answer.complete else "answer cut", reason=reason, **_named(scope))
