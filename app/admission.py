"""Admission: which requests are at work, which wait for a place, and which are refused.

A request waits before anything is done for it, where waiting costs nothing. How long it may wait is controlled by
delay, as CoDel (RFC 8289) does for packets and "Fail at Scale" (ACM Queue 13, 8) for requests: a burst has
PATIENCE_SECONDS. Once nobody has got a place within CALM_SECONDS for that long, there is a queue that never empties, in
which everybody waits and by which no work gets done sooner: from then on a request is refused after HURRY_SECONDS,
until for as long nobody has had to wait. (Not until the queue is empty: refusals alone empty it, over and over.)
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from app.errors import OverloadedError

T = TypeVar("T")

DETAIL = "The service has more requests than it can answer in time; send the request again later."
PLACE = "app.place"  # the scope of a request that was admitted has its place under this name
PATIENCE_SECONDS = 0.5
HURRY_SECONDS = 0.1
CALM_SECONDS = 0.02


class Applicant(Protocol):
    """A request that has asked for a place, and is told once."""

    def begin(self) -> None:
        """Begin the work: the request has a place."""

    def refuse(self) -> None:
        """Answer that there is no place."""


class Place(Protocol):
    """What a request at work has."""

    def leave(self) -> None:
        """Give the place back; once is enough, and more often changes nothing."""

    async def outside(self, news: Awaitable[T]) -> T:
        """Wait for `news` without the place."""


class Admission:
    """The places of one worker, `limit` of them, and the queue for a place; `clock` is monotonic, in seconds.

    When `most_waiting` wait, nobody else should, not even in a burst.
    """

    def __init__(
        self, limit: int, clock: Callable[[], float] = time.monotonic, *, most_waiting: int | None = None
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._most_waiting = most_waiting
        self._at_work = 0
        self._queue: dict[Applicant, float] = {}  # since when each waits, the longest first
        self._overloaded = False
        self._calm_at = clock()  # when a request last got its place at once, or nearly so
        self._strained_at = clock()  # when one last did not
        self._timer: asyncio.TimerHandle | None = None

    def turns_away(self) -> bool:
        """Return whether who comes now would be refused in the end: others have long waited, or there are too many.

        Who is turned away counts as one who has waited as long as those.
        """
        if not self._queue:
            return False
        if self._most_waiting is not None and len(self._queue) >= self._most_waiting:
            return True
        now = self._clock()
        waited = now - next(iter(self._queue.values()))
        if not self._overloaded or waited < HURRY_SECONDS / 2:
            return False
        self._note(waited, now)
        return True

    def ask(self, applicant: Applicant) -> None:
        """Begin a request if there is a place, else have it wait."""
        now = self._clock()
        if not self._queue and self._at_work < self._limit:
            self._at_work += 1
            self._calm_at = now
            if self._overloaded:
                self._note(0.0, now)
            applicant.begin()
            return
        self._queue[applicant] = now
        self._look_soon()

    def withdraw(self, applicant: Applicant) -> None:
        """Forget a request that waits: its client has left."""
        self._queue.pop(applicant, None)

    def leave(self) -> None:
        """Give a place back, to whoever has waited longest."""
        self._at_work -= 1
        if self._queue:
            self._admit()

    async def outside(self, news: Awaitable[T]) -> T:
        """Wait for `news` without a place, then for a place, and return the news; raise OverloadedError for no place.

        Whoever returns before the event loop's next turn has never left. A request that is refused, or cancelled,
        counts as at work again: it has an answer to give.
        """
        returning = _Returning()
        self._at_work -= 1
        if self._queue:
            asyncio.get_running_loop().call_soon(self._admit)
        try:
            result = await news
            if self._at_work < self._limit:
                self._at_work += 1
                returning.begun = True
            else:
                self.ask(returning)
                await returning.told.wait()
        finally:
            if not returning.begun:
                self.withdraw(returning)
                self._at_work += 1
        if not returning.begun:
            raise OverloadedError(DETAIL)
        return result

    def _admit(self) -> None:
        """Refuse those who have waited too long, then begin others while there are places."""
        now = self._clock()
        late = now - (HURRY_SECONDS if self._overloaded else PATIENCE_SECONDS)
        queue = self._queue
        while queue:
            applicant, since = next(iter(queue.items()))
            in_time = since > late
            if in_time and self._at_work >= self._limit:
                return
            del queue[applicant]
            self._note(now - since, now)
            if in_time:
                self._at_work += 1
                applicant.begin()
            else:
                applicant.refuse()

    def _note(self, waited: float, now: float) -> None:
        """Know an overload, and its end, by how long requests have waited when they are begun or refused."""
        if waited < CALM_SECONDS:
            self._calm_at = now
        else:
            self._strained_at = now
        last = self._strained_at if self._overloaded else self._calm_at
        if now - last > PATIENCE_SECONDS:
            self._overloaded = not self._overloaded

    def _look_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(HURRY_SECONDS / 2, self._look)

    def _look(self) -> None:
        self._timer = None
        self._admit()
        if self._queue:
            self._look_soon()


class _Returning:
    """A request that asks for its place again."""

    def __init__(self) -> None:
        self.begun = False
        self.told = asyncio.Event()

    def begin(self) -> None:
        self.begun = True
        self.told.set()

    def refuse(self) -> None:
        self.told.set()


class _NoPlace:
    """What a request has that needs no place: a probe, or one that comes without our server."""

    def leave(self) -> None:
        pass

    async def outside(self, news: Awaitable[T]) -> T:
        return await news


NO_PLACE: Place = _NoPlace()
