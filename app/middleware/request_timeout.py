"""The longest that a request may take, its body's way included."""

import asyncio
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import RETRY_AFTER, problem_response


class RequestTimeoutMiddleware:
    """Cancel what takes longer than `seconds`.

    Answer 408 if the body is what took so long, else 503: the service is too busy. It is no gateway, so 504 is not its
    word. Half an answer is cut instead.
    """

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = receiving = False

        async def receive_noting_wait() -> Message:
            nonlocal receiving
            receiving = True
            message = await receive()
            receiving = False
            return message

        async def send_noting_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(self._seconds) as limit:
                await self._app(scope, receive_noting_wait, send_noting_start)
        except TimeoutError:
            if started or not limit.expired():
                raise
            await self._refusal(receiving=receiving)(scope, receive, send)

    def _refusal(self, *, receiving: bool) -> ASGIApp:
        if receiving:
            detail = f"The body was not there within {self._seconds:g} s."
            return problem_response(HTTPStatus.REQUEST_TIMEOUT, detail, {"Connection": "close"})
        detail = f"The request was not done within {self._seconds:g} s; it may or may not have had its effect."
        return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, detail, RETRY_AFTER)
