"""Admission: places, the queue for them, and how long it may be waited in."""

import asyncio
from functools import partial

import pytest

from app.admission import HURRY_SECONDS, PATIENCE_SECONDS, Admission
from app.errors import OverloadedError
from seatrial.waiting import eventually

LIMIT_SECONDS = 30.0


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return its time."""
        return self.now


class Request:
    """A request that notes what it is told."""

    def __init__(self) -> None:
        self.told: str | None = None

    def begin(self) -> None:
        """Note it."""
        self.told = "begin"

    def refuse(self) -> None:
        """Note it."""
        self.told = "refuse"


@pytest.fixture
def clock() -> Clock:
    """Return a clock at 0."""
    return Clock()


@pytest.fixture
async def admission(clock: Clock) -> Admission:
    """Return an admission of two places."""
    return Admission(2, clock)


def ask(admission: Admission, count: int) -> list[Request]:
    """Have so many requests ask for a place."""
    requests = [Request() for _ in range(count)]
    for request in requests:
        admission.ask(request)
    return requests


def told(requests: list[Request]) -> list[str | None]:
    """Return what the requests were told."""
    return [request.told for request in requests]


async def test_request_begins_at_once_while_there_is_a_place(admission: Admission) -> None:
    """Who comes beyond that waits."""
    assert told(ask(admission, 3)) == ["begin", "begin", None]


async def test_place_that_gets_free_is_given_to_who_has_waited_longest(admission: Admission) -> None:
    """Not to who comes next."""
    waiting = ask(admission, 4)[2:]
    admission.leave()
    assert told(waiting) == ["begin", None]


async def test_newcomer_does_not_overtake_who_waits(admission: Admission) -> None:
    """Also where a place has become free, and nobody has it yet."""
    ask(admission, 3)
    (newcomer,) = ask(admission, 1)
    assert newcomer.told is None


async def test_request_of_a_client_that_has_left_is_never_begun(admission: Admission) -> None:
    """Its place is the next one's."""
    first, second = ask(admission, 4)[2:]
    admission.withdraw(first)
    admission.leave()
    assert (first.told, second.told) == (None, "begin")


async def test_burst_may_wait_for_as_long_as_patience_lasts(admission: Admission, clock: Clock) -> None:
    """What comes at once, and is worked off by then, is not refused."""
    waiting = ask(admission, 4)[2:]
    clock.now = PATIENCE_SECONDS - 0.01
    admission.leave()
    assert told(waiting) == ["begin", None]


async def test_request_is_refused_when_patience_is_over(admission: Admission, clock: Clock) -> None:
    """Without anything else happening: a timer looks."""
    waiting = ask(admission, 4)[2:]
    clock.now = PATIENCE_SECONDS + 0.01
    await eventually(lambda: told(waiting) == ["refuse", "refuse"], LIMIT_SECONDS, "both are refused")


def all_refused(requests: list[Request]) -> bool:
    """Return whether none of the requests is left to wait."""
    return told(requests) == ["refuse"] * len(requests)


async def overload(admission: Admission, clock: Clock) -> None:
    """Have two requests at work, and others come and be refused for longer than anybody has patience."""
    ask(admission, 2)
    while clock.now < PATIENCE_SECONDS * 2:
        late = ask(admission, 2)
        clock.now += HURRY_SECONDS + 0.01
        if clock.now > PATIENCE_SECONDS + HURRY_SECONDS:
            await eventually(partial(all_refused, late), LIMIT_SECONDS, "both are refused")


async def test_queue_is_kept_short_in_an_overload(admission: Admission, clock: Clock) -> None:
    """Who comes to it waits no longer than HURRY_SECONDS, and is begun only within that time."""
    await overload(admission, clock)
    (late,) = ask(admission, 1)
    clock.now += HURRY_SECONDS / 2 + 0.01
    (in_time,) = ask(admission, 1)
    clock.now += HURRY_SECONDS / 2
    admission.leave()
    assert (late.told, in_time.told) == ("refuse", "begin")


async def test_overload_is_not_over_when_refusals_have_emptied_the_queue(admission: Admission, clock: Clock) -> None:
    """Nor when the next request is begun at once."""
    await overload(admission, clock)
    admission.leave()
    assert told(ask(admission, 1)) == ["begin"]
    (waiting,) = ask(admission, 1)
    clock.now += HURRY_SECONDS + 0.01
    admission.leave()
    assert waiting.told == "refuse"


async def test_overload_is_over_after_a_time_in_which_nobody_waited(admission: Admission, clock: Clock) -> None:
    """Then there is patience again."""
    await overload(admission, clock)
    admission.leave()
    clock.now += PATIENCE_SECONDS + 0.01
    assert told(ask(admission, 1)) == ["begin"]
    (waiting,) = ask(admission, 1)
    clock.now += HURRY_SECONDS * 2
    admission.leave()
    assert waiting.told == "begin"


async def test_short_waits_are_no_overload_however_many_there_are(admission: Admission, clock: Clock) -> None:
    """A service that is busy, and now and then has a place for who comes, refuses nobody."""
    ask(admission, 2)
    for _ in range(100):
        waiting = ask(admission, 2)
        for pause in (0.001, HURRY_SECONDS):
            clock.now += pause
            admission.leave()
        assert told(waiting) == ["begin", "begin"]


async def test_admission_turns_away_in_an_overload_in_which_others_have_long_waited(
    admission: Admission, clock: Clock
) -> None:
    """Neither in a burst nor before."""
    ask(admission, 10)
    clock.now = PATIENCE_SECONDS - 0.01
    assert not admission.turns_away()
    await overload(admission, clock)
    assert not admission.turns_away()
    ask(admission, 1)
    assert not admission.turns_away()
    clock.now += HURRY_SECONDS / 2
    assert admission.turns_away()


async def test_admission_turns_away_when_so_many_wait_that_connections_would_run_out(clock: Clock) -> None:
    """In a burst, too: one connection more would be closed with nothing said, and it may be a probe's."""
    admission = Admission(2, clock, most_waiting=5)
    ask(admission, 6)
    assert not admission.turns_away()
    ask(admission, 1)
    assert admission.turns_away()


async def test_request_outside_leaves_its_place_to_another(admission: Admission) -> None:
    """It waits for its client; when the news is there, it waits for a place again."""
    waiting = ask(admission, 3)[2]
    news: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    outside = asyncio.create_task(admission.outside(news))
    await eventually(lambda: waiting.told == "begin", LIMIT_SECONDS, "the place is given")
    news.set_result("news")
    await asyncio.sleep(0)
    assert not outside.done()
    admission.leave()
    assert await outside == "news"


async def test_request_whose_news_is_there_keeps_its_place(admission: Admission) -> None:
    """Or a body that came with its head would cost a request its turn."""

    async def news() -> str:
        return "news"

    waiting = ask(admission, 3)[2]
    assert await admission.outside(news()) == "news"
    await asyncio.sleep(0)
    assert waiting.told is None


async def test_request_that_finds_no_place_again_is_refused_and_still_counts(
    admission: Admission, clock: Clock
) -> None:
    """It has an answer to give, and leaves after it."""
    ask(admission, 3)
    news: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    outside = asyncio.create_task(admission.outside(news))
    await asyncio.sleep(0)
    news.set_result("news")
    await asyncio.sleep(0)
    clock.now = PATIENCE_SECONDS + 0.01
    with pytest.raises(OverloadedError):
        await outside
    for _ in range(3):
        admission.leave()
    assert told(ask(admission, 3)) == ["begin", "begin", None]


async def test_request_that_is_cancelled_outside_still_counts(admission: Admission) -> None:
    """As one that was refused."""
    ask(admission, 2)
    outside = asyncio.create_task(admission.outside(asyncio.Event().wait()))
    await asyncio.sleep(0)
    outside.cancel()
    with pytest.raises(asyncio.CancelledError):
        await outside
    admission.leave()
    admission.leave()
    assert told(ask(admission, 3)) == ["begin", "begin", None]
