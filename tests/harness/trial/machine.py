"""How busy the machine is: measured at the start, so that budgets scale, and all the while, so that doubts are told."""

import asyncio
import itertools
import sys
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
WORK = (
    "from time import perf_counter as now, process_time as worked; began, before = now(), worked(); "
    "sum(range(4_000_000)); print((now() - began) / (worked() - before))"
)
"""Says how many times longer it took than it worked: what it waited for a core, however slow that is."""
ROUNDS = 9
ALLOWANCE_SECONDS = 2.0
"""What podman, the harness and a machine that is not busy may add to what is timed."""
TICK_SECONDS = 0.05
LATE_SECONDS = 1.0
"""An event loop that ran so late saw, and did, things too late for any judging of what went wrong."""
SPAWN_TICKS = 40
"""After so many ticks it is measured again what starting a process takes, and how long WORK waits.

Both, because a busy machine starts what is short at once, and has what is long wait for its turn.
"""
RECENT = 5
SLOW_FACTOR = 4.0
"""So many times slower, a machine may have made probes time out: their timeouts do not scale."""


@dataclass
class Machine:
    """The calibration, and the moments at which the harness itself was late: (time.monotonic(), seconds).

    `spawns` are what starting a process has taken since, `stretches` how many times longer than its work WORK has.
    """

    spawn_seconds: float = REFERENCE_SPAWN_SECONDS
    stretch: float = 1.0
    lags: list[tuple[float, float]] = field(default_factory=list)
    spawns: list[float] = field(default_factory=list)
    stretches: list[float] = field(default_factory=list)
    _watch: asyncio.Task[None] | None = None

    @classmethod
    async def calibrated(cls) -> Self:
        """Return this machine as it is now."""
        spawned, stretched = [], []
        for _ in range(ROUNDS):
            spawned.append((await Command(("true",)).run()).seconds)
            stretched.append(await _stretch())
        return cls(median(spawned), median(stretched))

    async def __aenter__(self) -> Self:
        """Begin to watch."""
        self._watch = asyncio.create_task(self._look(), name="machine")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch

    @property
    def factor(self) -> float:
        """How many times slower than a machine with two idle cores it is or has been, never less than 1."""
        spawn_seconds = max(self.spawn_seconds, _worst(self.spawns))
        return max(1.0, spawn_seconds / REFERENCE_SPAWN_SECONDS, self.stretch, _worst(self.stretches))

    @property
    def allowance_seconds(self) -> float:
        """What a bound is exceeded by before it counts."""
        return ALLOWANCE_SECONDS * self.factor

    def worst_lag_seconds(self, since: float, until: float) -> float:
        """Return how late the harness itself was at most."""
        return max((lag for at, lag in self.lags if since <= at <= until), default=0.0)

    def doubt(self, since: float, until: float) -> str | None:
        """Return why what went wrong may have been the machine's fault, None if it was not."""
        lag = self.worst_lag_seconds(since, until)
        if lag <= LATE_SECONDS:
            return None
        return f"the machine was too busy to tell: the harness itself was up to {lag:.1f} s late"

    def slowness(self) -> str | None:
        """Return why what is judged by time may have been the machine's fault, None if it was not."""
        if self.factor < SLOW_FACTOR:
            return None
        return (
            f"the machine is {self.factor:.1f} times slower than with two idle cores: what took long may be its fault"
        )

    def figures(self) -> Mapping[str, float]:
        """Return the numbers, for the report."""
        return {
            "spawn_seconds": self.spawn_seconds,
            "stretch": self.stretch,
            "factor": self.factor,
            "allowance_seconds": self.allowance_seconds,
            "worst_lag_seconds": self.worst_lag_seconds(0.0, float("inf")),
        }

    async def _look(self) -> None:
        for tick in itertools.count(1):
            if tick % SPAWN_TICKS == 0:
                self.spawns.append((await Command(("true",)).run()).seconds)
                self.stretches.append(await _stretch())
            due = time.monotonic() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            now = time.monotonic()
            if now - due > TICK_SECONDS:
                self.lags.append((now, now - due))


async def _stretch() -> float:
    """Return what WORK says: run in a process of its own, or it would keep this one from its work."""
    return float((await Command((sys.executable, "-I", "-S", "-c", WORK)).run()).check().stdout)


def _worst(samples: list[float]) -> float:
    """Return the largest median of some samples in a row, 0 of too few: a single one is chance."""
    return max((median(samples[at : at + RECENT]) for at in range(len(samples) - RECENT + 1)), default=0.0)
