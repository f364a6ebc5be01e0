"""A request's body on its way in: how long it may be, how much of all bodies is kept, and which are read at all.

FastAPI's own `max_body_size` answers in plain text from outside of all middleware: without problem details, request id
and access log line.
"""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from app.errors import OverloadedError
from app.middleware.json_limits import refuse_large_json
from app.middleware.stay import Stay
from app.problems import RETRY_AFTER

FREE_BYTES = 16 * 1024  # of each body: who fills the memory with long ones does not lock out the short ones
NO_MEMORY = "The service has as many request bodies in its memory as it can hold; try again."


class Bodies:
    """What all bodies of a worker may be: `held_bytes` of them, beyond the first FREE_BYTES of each, are in memory."""

    def __init__(self, *, max_bytes: int, max_held_bytes: int, max_json_values: int) -> None:
        self.max_bytes = max_bytes
        self.max_held_bytes = max_held_bytes
        self.max_json_values = max_json_values
        self.held_bytes = 0


class Body:
    """One body; whatever it may not is raised where the route reads, and answered as any error.

    A request that waits for more of its body is not at work: else a few clients that send slowly would lock out all
    others. When the next piece is there, it waits for a place as a new request does.
    """

    __slots__ = ("_bodies", "_held", "_pieces", "_receive", "_received", "_scope", "_stay", "awaited", "more")

    def __init__(self, scope: Scope, receive: Receive, bodies: Bodies, stay: Stay) -> None:
        self._scope = scope
        self._receive = receive
        self._bodies = bodies
        self._stay = stay
        self._received = 0
        self._held = 0
        self._pieces: list[bytes] | None = None
        self.awaited = False
        self.more = True

    async def receive(self) -> Message:
        """Return the next piece, or the news that the client has left."""
        if not self.more:
            return await self._receive()
        if not self._received:
            self._begin()  # asked only here: most requests have no body that anybody reads
        try:
            message = await self._stay.wait(self._next())
        except OverloadedError as error:  # FastAPI answers an error that is not HTTP's with 400
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, str(error), RETRY_AFTER) from error
        self.more = message.get("more_body", False)
        piece = message.get("body", b"")
        self._received += len(piece)
        self._refuse_over(self._received)
        if self._received > FREE_BYTES:
            self._hold(self._received - FREE_BYTES)
        if self._pieces is not None:
            self._pieces.append(piece)
            if not self.more:
                refuse_large_json(b"".join(self._pieces), self._bodies.max_json_values)
                self._pieces = None
        return message

    def release(self) -> None:
        """Let other bodies have the memory."""
        if self._held:
            self._bodies.held_bytes -= self._held
            self._held = 0

    def _begin(self) -> None:
        headers = Headers(scope=self._scope)
        declared = headers.get("content-length", "")
        if declared.isdecimal():
            self._refuse_over(int(declared))
        if headers.get("content-encoding", "identity").lower() != "identity":
            detail = "The body is in a Content-Encoding; allowed: none."
            raise HTTPException(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, {"Accept-Encoding": "identity", "Connection": "close"}
            )
        if "json" in headers.get("content-type", "json").lower():
            self._pieces = []

    def _refuse_over(self, size: int) -> None:
        """Raise a 413 for more bytes than are allowed; the rest is not read, hence `close`."""
        if size > self._bodies.max_bytes:
            detail = f"The body is longer than the {self._bodies.max_bytes} bytes that are allowed."
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, {"Connection": "close"})

    def _hold(self, size: int) -> None:
        more = size - self._held
        if self._bodies.held_bytes + more > self._bodies.max_held_bytes:
            headers = RETRY_AFTER | ({"Connection": "close"} if self.more else {})
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, NO_MEMORY, headers)
        self._bodies.held_bytes += more
        self._held = size

    async def _next(self) -> Message:
        self.awaited = True
        message = await self._receive()
        self.awaited = False
        return message
