"""The most requests that are at work in a worker: beyond it an early refusal costs less than everybody waiting."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import RETRY_AFTER, problem_response

DETAIL = "The service has as many requests at work as it can answer in time; try again."


class ConcurrencyLimitMiddleware:
    """Answer 503 to what comes while `max_requests` are at work, except below the paths in `exempt`.

    A request that waits for more of its body is not at work: else a few clients that send slowly would lock out all
    others. It is refused, or counted again, when the next piece is there.
    """

    def __init__(self, app: ASGIApp, *, max_requests: int, exempt: tuple[str, ...]) -> None:
        self._app = app
        self._max_requests = max_requests
        self._exempt = exempt
        self._at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http" or scope["path"].startswith(self._exempt):
            await self._app(scope, receive, send)
            return
        if self._at_work >= self._max_requests:
            await problem_response(HTTPStatus.SERVICE_UNAVAILABLE, DETAIL, RETRY_AFTER)(scope, receive, send)
            return
        more_body = True

        async def receive_uncounted() -> Message:
            nonlocal more_body
            if not more_body:
                return await receive()  # what comes now is the news that the client has left
            self._at_work -= 1
            try:
                message = await receive()
                more_body = message.get("more_body", False)
                if self._at_work >= self._max_requests:
                    # Raised where the route reads, and so answered as any other error.
                    headers = RETRY_AFTER | ({"Connection": "close"} if more_body else {})
                    raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, DETAIL, headers)
            finally:
                self._at_work += 1
            return message

        self._at_work += 1
        try:
            await self._app(scope, receive_uncounted, send)
        finally:
            self._at_work -= 1
