"""One timer for the deadlines of all requests: each passes in its time, and for its own task alone."""

import asyncio
from collections.abc import Coroutine

import pytest

from app.middleware.deadline import Deadlines

SOON = 0.02
FOREVER = 3600.0


async def within(deadlines: Deadlines, work: Coroutine[None, None, object]) -> None:
    """Do work until its deadline."""
    with deadlines.begin():
        await work


async def test_task_that_takes_too_long_is_cancelled() -> None:
    """TimeoutError, and the task is as it was: it may go on with something else."""
    with pytest.raises(TimeoutError):
        await within(Deadlines(SOON), asyncio.sleep(FOREVER))
    task = asyncio.current_task()
    assert task
    assert task.cancelling() == 0


async def test_deadline_that_is_over_is_not_moved() -> None:
    """Or its task, which answers an error by now, would be cancelled much later, at whatever it does then."""
    later = Deadlines(SOON)
    deadline = Deadlines(FOREVER).begin()
    with deadline:
        pass
    deadline.move(later)
    deadline.pass_by()
    await within(later, asyncio.sleep(0))
    await asyncio.sleep(SOON * 3)
    task = asyncio.current_task()
    assert task
    assert task.cancelling() == 0


async def test_each_passes_though_the_timer_was_set_for_another() -> None:
    """Of three, the first is done in time; the others are cancelled one after the other, as they came."""
    deadlines = Deadlines(SOON)
    late: list[int] = []

    async def begin(number: int, seconds: float) -> None:
        try:
            await within(deadlines, asyncio.sleep(seconds))
        except TimeoutError:
            late.append(number)

    async with asyncio.TaskGroup() as group:
        group.create_task(begin(1, 0))
        group.create_task(begin(2, FOREVER))
        await asyncio.sleep(SOON / 2)
        group.create_task(begin(3, FOREVER))
    assert late == [2, 3]


async def test_one_that_is_done_in_time_is_left_alone() -> None:
    """Not cancelled later on, either."""
    deadlines = Deadlines(SOON)
    await within(deadlines, asyncio.sleep(0))
    await asyncio.sleep(2 * SOON)


async def test_cancelling_by_others_is_no_timeout() -> None:
    """Who cancels a task means it."""
    task = asyncio.create_task(within(Deadlines(FOREVER), asyncio.sleep(FOREVER)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_deadlines_outlive_an_event_loop() -> None:
    """The timer of a loop that has ended is none."""
    deadlines = Deadlines(SOON)
    asyncio.run(within(deadlines, asyncio.sleep(0)))
    with pytest.raises(TimeoutError):
        asyncio.run(within(deadlines, asyncio.sleep(FOREVER)))
