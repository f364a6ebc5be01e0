"""A request's stay: at work until its answer begins, then perhaps a stream, and then perhaps a background task.

Each phase has places and deadlines of its own. Where a phase has no place left, a request keeps the place of the phase
before: so that streams and background tasks beyond their limits cost the service requests, and never more than those.
"""

import asyncio
from collections.abc import Awaitable
from typing import NamedTuple, TypeVar

from starlette.types import Message, Send

from app.admission import Place
from app.middleware.concurrency_limit import ConcurrencyLimit
from app.middleware.deadline import Deadlines

T = TypeVar("T")

EVENT_STREAM = b"text/event-stream"
WITHOUT_BODY = (204, 304)


class Phase(NamedTuple):
    """What one phase allows: how many requests at once, and for how many seconds."""

    places: ConcurrencyLimit
    deadlines: Deadlines


class Phases:
    """What the phases after a request's work allow; `event_streams` has the stays that end with the worker.

    A stream may take any time, and `idle_seconds` between two chunks. A background task may take
    `background_seconds`.
    """

    def __init__(self, *, streams: int, idle_seconds: float, background: int, background_seconds: float) -> None:
        self.stream = Phase(ConcurrencyLimit(streams), Deadlines(idle_seconds))
        self.background = Phase(ConcurrencyLimit(background), Deadlines(background_seconds))
        self.event_streams: set[Stay] = set()
        self._ending = False
        self.answered: list[Stay] = []

    def move_answered(self) -> None:
        """Move to the background what has its answer and is not over: most is, so that one look for all is enough."""
        for stay in self.answered:
            if not stay.over:
                stay.move(self.background)
        self.answered.clear()

    def open_event_stream(self, stay: "Stay") -> None:
        """Remember an event stream, for its end."""
        self.event_streams.add(stay)
        if self._ending:
            stay.end()

    def end_event_streams(self) -> None:
        """End all event streams in good order, also those that begin later: their clients connect again by design.

        A stream of another type may be a file: its early end in good order would look like the whole.
        """
        self._ending = True
        for stay in list(self.event_streams):
            stay.end()


class Stay:
    """One request's stay, which its answer tells what has become of it."""

    __slots__ = ("_phases", "_place", "_work", "deadline", "ended", "over", "refused", "streams")

    def __init__(self, phases: Phases, work: Place, deadlines: Deadlines) -> None:
        self._phases = phases
        self._work = work
        self._place: Place | ConcurrencyLimit = work
        self.deadline = deadlines.begin()
        self.over = self.streams = self.ended = self.refused = False

    async def wait(self, news: Awaitable[T]) -> T:
        """Return what the client sends next, waiting for it without a place for work."""
        return await (self._work.outside(news) if self._place is self._work else news)

    def head_goes(self, message: Message) -> None:
        """Begin to stream if the head does not say how long the body is; raise if there are too many streams."""
        headers = message["headers"]
        if message["status"] in WITHOUT_BODY:
            return
        for name, _ in headers:
            if name == b"content-length":
                return
        if self._phases.stream.places.full:
            self.refused = True
            raise BlockingIOError("as many streams as there may be")
        self._stream()
        if any(name == b"content-type" and value.startswith(EVENT_STREAM) for name, value in headers):
            self._phases.open_event_stream(self)

    async def send_piece(self, send: Send, message: Message) -> None:
        """Send a piece of the body that is not the last: how long the client takes to read is not the route's time."""
        if not self.streams:
            self._stream()
        self.deadline.pause()
        await send(message)
        self.deadline.resume()

    def answered(self) -> None:
        """Go on in the background soon, if there is anything left to be done."""
        answered = self._phases.answered
        if not answered:
            asyncio.get_running_loop().call_soon(self._phases.move_answered)
        answered.append(self)

    def end(self) -> None:
        """End a stream in good order."""
        self.ended = True
        self.deadline.pass_by()

    def leave(self) -> None:
        """Give back what is held."""
        self.over = True
        self._place.leave()
        if self.streams:
            self._phases.event_streams.discard(self)

    def _stream(self) -> None:
        self.streams = True
        self.move(self._phases.stream)

    def move(self, phase: Phase) -> None:
        """Go on in another phase."""
        self.deadline.move(phase.deadlines)
        if not phase.places.full:
            self._place.leave()
            phase.places.enter()
            self._place = phase.places
