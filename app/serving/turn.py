"""A request's turn: it waits for a place, is begun with one or refused without, and gives it back at its end."""

from collections.abc import Awaitable
from typing import Any, Protocol, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from app.admission import PLACE, Admission

T = TypeVar("T")


class Connection(Protocol):
    """What a turn asks of its request's connection."""

    def begin(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Have `app` answer the request."""

    def refuse(self, cycle: RequestResponseCycle) -> None:
        """Answer the request in the application's place."""


class Turn:
    """One request's turn, and its place from `begin` on; the server calls it as the application."""

    __slots__ = ("_admission", "_app", "_connection", "_cycle", "_has_place")

    def __init__(self, connection: Connection, cycle: RequestResponseCycle, app: ASGIApp, admission: Admission) -> None:
        self._connection = connection
        self._cycle = cycle
        self._app = app
        self._admission = admission
        self._has_place = False

    def begin(self) -> None:
        """Begin the request."""
        self._has_place = True
        self._connection.begin(self._cycle, self)

    def refuse(self) -> None:
        """Refuse the request."""
        self._connection.refuse(self._cycle)

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
            del scope[PLACE]  # it has the scope: garbage for the collector
            self.leave()
