"""The longest that something may take: one timer for all requests, as they are due in the order in which they came.

asyncio.timeout does the same for one piece of work, by a timer of its own, at three microseconds a request.
"""

import asyncio
from types import TracebackType
from typing import Self


class Deadline:
    """A context that cancels its task and raises TimeoutError when `passed`."""

    __slots__ = ("_cancelling", "_of", "_over", "_task", "due", "passed")

    def __init__(self, of: "Deadlines", task: "asyncio.Task[None]") -> None:
        self._of = of
        self._task = task
        self._cancelling = task.cancelling()
        self._over = False
        self.due = 0.0
        self.passed = False

    @property
    def seconds(self) -> float:
        """How long it gives."""
        return self._of.seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._of.forget(self)
        self._over = True  # what its task does from now on is nobody's business here, and must not be cancelled
        # Whoever else has cancelled the task means it (as in asyncio.timeout).
        if self.passed and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def pass_by(self) -> None:
        """Cancel what is at work, once."""
        self._of.forget(self)
        if not self.passed and not self._over:
            self.passed = True
            self._task.cancel()

    def move(self, to: "Deadlines") -> None:
        """Be due as those of `to` are, from now on."""
        self._of.forget(self)
        self._of = to
        self.resume()

    def pause(self) -> None:
        """Do not pass until `resume`."""
        self._of.forget(self)

    def resume(self) -> None:
        """Be due after the whole time again."""
        if not self.passed and not self._over:
            self._of.add(self)


class Deadlines:
    """Deadlines that are due `seconds` after they have begun."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._pending: dict[Deadline, None] = {}  # the oldest first
        self._loop: asyncio.AbstractEventLoop | None = None  # whose timer is set

    def begin(self) -> Deadline:
        """Return the running task's."""
        task = asyncio.current_task()
        assert task  # noqa: S101 - for the type checker: no server calls an application outside of one
        deadline = Deadline(self, task)
        self.add(deadline)
        return deadline

    def add(self, deadline: Deadline) -> None:
        """Let a deadline be due after the whole time."""
        loop = asyncio.get_running_loop()
        deadline.due = loop.time() + self.seconds
        self._pending[deadline] = None
        if self._loop is not loop:
            self._set_timer(loop, deadline)

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
            deadline.pass_by()
        self._loop = None
