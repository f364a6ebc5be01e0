"""How busy the machine is: measured at the start, so that budgets scale, and all the while, so that doubts are told."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median
from types import TracebackType
from typing import Self

from tests.harness.command import Command

REFERENCE_SPAWN_SECONDS = 0.004
"""What starting `true` and waiting for its end takes on an idle machine of two cores."""
REFERENCE_WORK_SECONDS = 0.05
"""What the same machine takes for WORK."""
WORK = range(4_000_000)
ROUNDS = 9
ALLOWANCE_SECONDS = 2.0
"""What podman, the harness and a machine that is not busy may add to what is timed."""
TICK_SECONDS = 0.05
LATE_SECONDS = 1.0
"""An event loop that ran so late saw, and did, things too late for judging seconds."""
SPAWN_EVERY_SECONDS = 1.0
SLOW_FACTOR = 3.0
"""So many times slower than an idle one, a machine may have made a probe time out, whose timeout does not scale."""


@dataclass
class Machine:
    """The calibration; when the harness itself was late, and what starting a process took: (time.monotonic(), seconds)."""

    spawn_seconds: float = REFERENCE_SPAWN_SECONDS
    work_seconds: float = REFERENCE_WORK_SECONDS
    lags: list[tuple[float, float]] = field(default_factory=list)
    spawns: list[tuple[float, float]] = field(default_factory=list)
    _watches: tuple[asyncio.Task[None], ...] = ()

    @classmethod
    async def calibrated(cls) -> Self:
        """Return this machine as it is now."""
        spawned, worked = [], []
        for _ in range(ROUNDS):
            spawned.append((await Command(("true",)).run()).seconds)
            began = time.perf_counter()
            sum(WORK)
            worked.append(time.perf_counter() - began)
        return cls(median(spawned), median(worked))

    async def __aenter__(self) -> Self:
        """Begin to watch."""
        self._watches = tuple(asyncio.create_task(each, name="machine") for each in (self._look(), self._spawn()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching."""
        for watch in self._watches:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    @property
    def factor(self) -> float:
        """How many times slower than a machine with two idle cores it is, never less than 1."""
        return max(1.0, self.spawn_seconds / REFERENCE_SPAWN_SECONDS, self.work_seconds / REFERENCE_WORK_SECONDS)

    @property
    def allowance_seconds(self) -> float:
        """What a bound is exceeded by before it counts."""
        return ALLOWANCE_SECONDS * self.factor

    def worst_lag_seconds(self, since: float, until: float) -> float:
        """Return how late the harness itself was at most."""
        return max((lag for at, lag in self.lags if since <= at <= until), default=0.0)

    def doubt(self, since: float, until: float) -> str | None:
        """Return why what took too long then may have been the machine's fault, None if there is no reason to think so.

        The median of what starting a process took tells of a machine that was busy all the while.
        """
        lag = self.worst_lag_seconds(since, until)
        if lag >= LATE_SECONDS:
            return f"the machine was so busy that the harness itself was {lag:.1f} s late"
        spawns = [seconds for at, seconds in self.spawns if since <= at <= until]
        factor = median(spawns) / REFERENCE_SPAWN_SECONDS if spawns else 1.0
        if factor >= SLOW_FACTOR:
            return f"the machine was busy: starting a process took {factor:.1f} times as long as on an idle one"
        return None

    def figures(self) -> Mapping[str, float]:
        """Return the numbers, for the report."""
        return {
            "spawn_seconds": self.spawn_seconds,
            "work_seconds": self.work_seconds,
            "factor": self.factor,
            "allowance_seconds": self.allowance_seconds,
            "worst_lag_seconds": self.worst_lag_seconds(0.0, float("inf")),
        }

    async def _look(self) -> None:
        while True:
            due = time.monotonic() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            now = time.monotonic()
            if now - due > TICK_SECONDS:
                self.lags.append((now, now - due))

    async def _spawn(self) -> None:
        while True:
            seconds = (await Command(("true",)).run()).seconds
            self.spawns.append((time.monotonic(), seconds))
            await asyncio.sleep(SPAWN_EVERY_SECONDS)
