"""The longest that requests may take: one timer for all of them, as they are due in the order in which they came.

asyncio.timeout does the same for one piece of work, by a timer of its own, at three microseconds a request.
"""

import asyncio
from types import TracebackType
from typing import Self


class Deadline:
    """A context that cancels its task and raises TimeoutError when `passed`."""

    __slots__ = ("_cancelling", "_of", "_task", "due", "passed")

    def __init__(self, of: "Deadlines", task: "asyncio.Task[None]", due: float) -> None:
        self._of = of
        self._task = task
        self._cancelling = task.cancelling()
        self.due = due
        self.passed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._of.forget(self)
        # Whoever else has cancelled the task means it (as in asyncio.timeout).
        if self.passed and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def pass_by(self) -> None:
        """Cancel what is at work."""
        self.passed = True
        self._task.cancel()


class Deadlines:
    """The deadlines of all requests, each `seconds` after its request began."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._pending: dict[Deadline, None] = {}  # the oldest first
        self._loop: asyncio.AbstractEventLoop | None = None  # whose timer is set

    def begin(self) -> Deadline:
        """Return the running task's."""
        task = asyncio.current_task()
        assert task  # noqa: S101 - for the type checker: no server calls an application outside of one
        loop = asyncio.get_running_loop()
        deadline = Deadline(self, task, loop.time() + self.seconds)
        self._pending[deadline] = None
        if self._loop is not loop:
            self._set_timer(loop, deadline)
        return deadline

    def forget(self, deadline: Deadline) -> None:
        """Let it pass unnoticed: the timer stays, and finds the next one."""
        self._pending.pop(deadline, None)

    def _set_timer(self, loop: asyncio.AbstractEventLoop, deadline: Deadline) -> None:
        self._loop = loop
        loop.call_at(deadline.due, self._check, loop)

    def _check(self, loop: asyncio.AbstractEventLoop) -> None:
        while deadline := next(iter(self._pending), None):
            if deadline.due > loop.time():
                self._set_timer(loop, deadline)
                return
            self.forget(deadline)
            deadline.pass_by()
        self._loop = None
