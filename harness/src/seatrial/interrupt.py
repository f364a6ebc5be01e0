"""Ctrl-C: the first one ends the work, with its clean-up; those that follow do not end the clean-up."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T], again: Callable[[], object]) -> T:
    """Run to the end; KeyboardInterrupt when it was interrupted. `again` is called at every further Ctrl-C."""
    try:
        return asyncio.run(_interruptible(work, again))
    except asyncio.CancelledError as error:
        raise KeyboardInterrupt from error


async def _interruptible(work: Coroutine[Any, Any, T], again: Callable[[], object]) -> T:
    task = asyncio.current_task()
    assert task is not None

    def interrupt() -> None:
        if task.cancelling():
            again()
        else:
            task.cancel()

    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # a shell's background ignores it
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)
    return await work
