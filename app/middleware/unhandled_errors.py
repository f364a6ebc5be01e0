"""The last resort: an error that nobody foresaw is logged once and answered without its internals."""

from http import HTTPStatus

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import problem_response

_log = structlog.get_logger()


class UnhandledErrorsMiddleware:
    """Answer 500 with the request's id; the traceback is in the log under the same id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_noting_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noting_start)
        except Exception:
            _log.exception("unhandled error", method=scope["method"], path=scope["path"])
            if started:
                raise  # half an answer is out: the server must cut the connection
            await problem_response(HTTPStatus.INTERNAL_SERVER_ERROR)(scope, receive, send)
