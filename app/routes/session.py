"""A session for each request of a router, closed before the answer is sent: a slow reader must hold no connection.

FastAPI's own way, a dependency that yields, costs a request 85 thousand instructions more (bench/README.md).
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database

_READING = {"GET", "HEAD"}


class SessionRoute(APIRoute):
    """A route whose requests have a session; one that answers nothing but GET and HEAD only reads by it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler with a session around it."""
        handle = super().get_route_handler()
        reading = set(self.methods or ()) <= _READING

        async def with_session(request: Request) -> Response:
            database: Database = request.app.state.database
            # No connection is taken before the first statement, so that a request that is refused needs none.
            async with database.session(reading=reading) as session:
                request.state.session = session
                return await handle(request)

        return with_session


async def _session(request: Request) -> AsyncSession:
    session: AsyncSession | None = getattr(request.state, "session", None)
    if session is None:
        raise TypeError("a route with a Session belongs to an APIRouter(route_class=SessionRoute)")
    return session


Session = Annotated[AsyncSession, Depends(_session)]
"""What a route of a `SessionRoute` declares to get its request's session."""
