"""Admission: which requests are at work, which wait for a place, and which are refused.

A request waits before anything is done for it, where waiting costs nothing. How long it may wait is controlled by
delay, as CoDel (RFC 8289) does for packets, in the form for servers of "Fail at Scale" (ACM Queue 13, 8): a burst has
PATIENCE_SECONDS. Once requests have had to wait for that long without a pause, the queue is what everybody waits for,
and no work gets done sooner by it: from then on a request is refused after HURRY_SECONDS.
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
        self._busy_since = 0.0
        self._waited_at = float("-inf")  # when a request last had to wait
        self._timer: asyncio.TimerHandle | None = None

    @property
    def full(self) -> bool:
        """Whether whoever comes now would be refused in the end: more wait already than can be begun in time."""
        waiting = len(self._queue)
        if self._most_waiting is not None and waiting >= self._most_waiting:
            return True
        return waiting >= self._limit and self._is_overloaded(self._clock())

    def ask(self, applicant: Applicant) -> None:
        """Begin a request if there is a place, else have it wait."""
        if not self._queue and self._at_work < self._limit:
            self._at_work += 1
            applicant.begin()
            return
        now = self._clock()
        # Not from when the queue was empty last: refusals alone empty it, over and over, in the midst of an overload.
        if not self._queue and now - self._waited_at > PATIENCE_SECONDS:
            self._busy_since = now
        self._waited_at = self._queue[applicant] = now
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
        self._refuse_the_late()
        while self._queue and self._at_work < self._limit:
            applicant = next(iter(self._queue))
            del self._queue[applicant]
            self._at_work += 1
            applicant.begin()

    def _refuse_the_late(self) -> None:
        now = self._clock()
        late = now - (HURRY_SECONDS if self._is_overloaded(now) else PATIENCE_SECONDS)
        while self._queue:
            applicant, since = next(iter(self._queue.items()))
            if since > late:
                return
            del self._queue[applicant]
            applicant.refuse()

    def _is_overloaded(self, now: float) -> bool:
        return now - self._busy_since > PATIENCE_SECONDS

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
