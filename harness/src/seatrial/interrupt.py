"""Ctrl-C and SIGTERM: the first one ends the work, with its clean-up; those that follow do not end the clean-up."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

ENDING = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """The work was interrupted, and has cleaned up; `exit_code` is what a shell has for the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


def run(work: Coroutine[Any, Any, T], again: Callable[[], object]) -> T:
    """Run to the end; Interrupted when a signal has ended it. `again` is called at every further one."""
    received: list[int] = []
    try:
        return asyncio.run(_interruptible(work, again, received))
    except asyncio.CancelledError as error:
        raise Interrupted(received[0] if received else signal.SIGINT) from error


async def _interruptible(work: Coroutine[Any, Any, T], again: Callable[[], object], received: list[int]) -> T:
    task = asyncio.current_task()
    assert task is not None

    def interrupt(number: int) -> None:
        if received:
            again()
        else:
            task.cancel()
        received.append(number)

    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # a shell's background ignores Ctrl-C
            asyncio.get_running_loop().add_signal_handler(number, interrupt, number)
    return await work
