"""Waiting for what comes, what never does, and what stays."""

import asyncio
import time

import pytest

from seatrial.errors import LimitExceededError
from seatrial.waiting import consistently, eventually, to_the_end


async def test_eventually_returns_when_the_predicate_holds_and_raises_when_it_never_does() -> None:
    """The reason is in the message of the limit."""
    began = time.monotonic()
    assert await eventually(lambda: time.monotonic() > began + 0.1, 10, "0.1 s pass") >= 0.1
    with pytest.raises(LimitExceededError, match=r"not within 0\.1 s: pigs fly"):
        await eventually(lambda: False, 0.1, "pigs fly")


async def test_consistently_raises_when_the_predicate_stops_holding() -> None:
    """A state that lasts is no error, one that ends is."""
    await consistently(lambda: True, 0.1, "it holds")
    began = time.monotonic()
    with pytest.raises(LimitExceededError, match="it is early"):
        await consistently(lambda: time.monotonic() < began + 0.1, 10, "it is early")


async def test_clean_up_goes_to_its_end_when_it_is_cancelled() -> None:
    """A cancellation during clean-up, even a second one, waits for it and is raised then."""
    began, release, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def clean_up() -> None:
        began.set()
        await release.wait()
        ended.set()

    task = asyncio.create_task(to_the_end(clean_up()))
    await began.wait()
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_clean_up_returns_or_raises_what_it_came_to() -> None:
    """Without a cancellation it is as if awaited."""

    async def fail() -> None:
        raise ValueError("broken")

    assert await to_the_end(asyncio.sleep(0, "result")) == "result"
    with pytest.raises(ValueError, match="broken"):
        await to_the_end(fail())
