"""The inner layer: how long a request may take, with how much of a body, and what becomes of its errors.

What a limit does is in a module of its own; this composes them, so that a request pays for one wrapper of `receive`.
"""

import asyncio
from http import HTTPStatus

import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.admission import NO_PLACE, PLACE
from app.middleware.body import Bodies, Body
from app.middleware.deadline import Deadlines
from app.middleware.exchange import ANSWER, Answer
from app.middleware.observation import logged_path
from app.middleware.stay import Phases, Stay
from app.problems import RETRY_AFTER, problem_response, unforeseen

MAX_QUERY_PARAMETERS = 1000
NO_STREAM = "The service has as many streams as it can hold; try again."

_log = structlog.get_logger()


class LimitsMiddleware:
    """Cancel what takes longer than `seconds` until its answer begins, and from then on than `phases` allow.

    An error that nobody foresaw is logged once, and answered with 500 and the id under which the log has its traceback.
    Half an answer is cut instead.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        seconds: float,
        bodies: Bodies,
        phases: Phases,
    ) -> None:
        self._app = app
        self._deadlines = Deadlines(seconds)
        self._bodies = bodies
        self._phases = phases

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer: Answer = scope[ANSWER]
        if scope["query_string"].count(b"&") >= MAX_QUERY_PARAMETERS:
            detail = f"More than the {MAX_QUERY_PARAMETERS} query parameters that are allowed."
            await problem_response(HTTPStatus.BAD_REQUEST, detail)(scope, receive, send)
            return
        stay = answer.stay = Stay(self._phases, scope.get(PLACE, NO_PLACE), self._deadlines)
        body = Body(scope, receive, self._bodies, stay)
        try:
            with stay.deadline:
                await self._app(scope, body.receive, send)
        except Exception as error:
            late = isinstance(error, TimeoutError) and stay.deadline.passed
            if not answer.started:
                refused = late or stay.refused
                response = self._failure(stay, body) if refused else await _unforeseen(scope, error)
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
            body.release()
            answer.stay = None
            stay.leave()

    def _failure(self, stay: Stay, body: Body) -> Response:
        """Return the answer in place of one that was not begun in time, or may not be.

        408 if the body is what took so long, else 503: the service is no gateway, so 504 is not its word.
        """
        if stay.refused:
            return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, NO_STREAM, RETRY_AFTER)
        seconds = stay.deadline.seconds
        if body.awaited:
            detail = f"The body was not there within {seconds:g} s."
            return problem_response(HTTPStatus.REQUEST_TIMEOUT, detail, {"Connection": "close"})
        detail = f"The request was not done within {seconds:g} s; it may or may not have had its effect."
        return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, detail, RETRY_AFTER)


async def _unforeseen(scope: Scope, error: Exception) -> Response:
    _log.exception("unhandled error", **_named(scope))
    try:
        return await unforeseen(scope, error)
    except Exception:  # noqa: BLE001 - whatever a fork's handler does, the client has an answer
        _log.exception("the handler of unhandled errors failed", **_named(scope))
        return problem_response(HTTPStatus.INTERNAL_SERVER_ERROR)


def _named(scope: Scope) -> dict[str, str]:
    return {"method": scope["method"], "path": logged_path(scope)}


def _tell_cut(scope: Scope, answer: Answer, reason: str) -> None:
    _log.warning("background task cut" if answer.complete else "answer cut", reason=reason, **_named(scope))
