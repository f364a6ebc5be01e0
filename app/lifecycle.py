"""The lifecycle of one worker: a state machine without I/O, whose clock is passed in.

    starting -> ready -> lame duck -> draining -> stopped

SIGTERM makes a ready worker a lame duck: readiness fails, requests are still accepted and answered, and every answer
closes its connection, until a load balancer has had the time to notice. Recycling (`max_requests`) closes connections
in the same way, but the instance stays ready: its other workers and the successor serve on.
"""

from collections.abc import Callable
from enum import StrEnum


class Phase(StrEnum):
    """Where a worker is in its life."""

    STARTING = "starting"
    READY = "ready"
    LAME_DUCK = "lame duck"
    DRAINING = "draining"
    STOPPED = "stopped"


class Lifecycle:
    """One worker's phase; `closing` is true once every answer is to close its connection."""

    def __init__(self) -> None:
        self.phase = Phase.STARTING
        self.closing = False
        self._accepts_until: float | None = None
        self._when_draining: list[Callable[[], None]] = []

    def become_ready(self) -> None:
        """Enter `ready`; nothing but a start leads there."""
        if self.phase is Phase.STARTING:
            self.phase = Phase.READY

    def begin_lame_duck(self, now: float, seconds: float) -> None:
        """Enter `lame duck` for `seconds` from `now` (monotonic); in any phase but `ready` this changes nothing."""
        if self.phase is Phase.READY:
            self.phase = Phase.LAME_DUCK
            self._close_connections_until(now + seconds)

    def begin_recycling(self, now: float, seconds: float) -> None:
        """Close connections for `seconds` from `now` (monotonic) while staying ready; repeats change nothing."""
        if self.phase is Phase.READY and not self.closing:
            self._close_connections_until(now + seconds)

    def accepts(self, now: float) -> bool:
        """Return whether new connections are still accepted at `now` (monotonic)."""
        return self._accepts_until is None or now < self._accepts_until

    def begin_draining(self) -> None:
        """Enter `draining`: nothing is accepted any more."""
        self.phase = Phase.DRAINING
        self.closing = True
        for call in self._when_draining:
            call()

    def when_draining(self, call: Callable[[], None]) -> None:
        """Have `call` called when the drain begins."""
        self._when_draining.append(call)

    def stop(self) -> None:
        """Enter `stopped`."""
        self.phase = Phase.STOPPED

    def _close_connections_until(self, deadline: float) -> None:
        self.closing = True
        self._accepts_until = deadline
