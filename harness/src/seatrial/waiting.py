"""Waiting for a state instead of sleeping: `eventually` it comes, `consistently` it stays."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from seatrial.errors import LimitExceededError

T = TypeVar("T")

POLL_SECONDS = 0.05


async def eventually(predicate: Callable[[], bool], limit_seconds: float, reason: str) -> float:
    """Return the seconds until the predicate held; raise LimitExceededError, with the reason, when it never did."""
    began = time.monotonic()
    while not predicate():
        if time.monotonic() - began >= limit_seconds:
            raise LimitExceededError(f"not within {limit_seconds:g} s: {reason}")
        await asyncio.sleep(POLL_SECONDS)
    return time.monotonic() - began


async def consistently(predicate: Callable[[], bool], for_seconds: float, reason: str) -> None:
    """Watch the predicate hold for so long; raise LimitExceededError, with the reason, the first time it does not."""
    began = time.monotonic()
    while (elapsed := time.monotonic() - began) < for_seconds:
        if not predicate():
            raise LimitExceededError(f"no longer after {elapsed:.2f} s of {for_seconds:g} s: {reason}")
        await asyncio.sleep(POLL_SECONDS)


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Await clean-up to its end even when this task is cancelled meanwhile; the cancellation is raised afterwards."""
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return task.result()
