"""A request's turn at work: the place that it has from its begin to its end, or for as long as it needs it."""

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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, which may give the place back before its end."""
        scope[PLACE] = self
        try:
            await self._app(scope, receive, send)
        finally:
            self.leave()
