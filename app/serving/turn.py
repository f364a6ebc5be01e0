"""A request's turn at work: the place that it has from its begin to its end, or for as long as it needs it."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

from app.admission import PLACE, Admission

T = TypeVar("T")


class Turn:
    """One request's turn, which its scope has under PLACE; the server calls it as the application."""

    __slots__ = ("_admission", "_app", "_has_place")

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self._app = app
        self._admission = admission
        self._has_place = True

    def leave(self) -> None:
        """Give the place back."""
        if self._has_place:
            self._has_place = False
            self._admission.leave()

    async def outside(self, news: Awaitable[T]) -> T:
        """Wait for `news` without the place."""
        return await self._admission.outside(news)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Run the application, which may give the place back before the task that runs it ends."""
        scope[PLACE] = self
        task: asyncio.Task[None] = asyncio.current_task()  # type: ignore[assignment]  # uvicorn makes one
        task.add_done_callback(self._over)
        return self._app(scope, receive, send)

    def _over(self, _task: "asyncio.Task[None]") -> None:
        self.leave()
