"""How busy the machine is: measured at the start, so that budgets scale, and all the while, so that doubts are told."""

import asyncio
import itertools
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median
from types import TracebackType
from typing import Self

from seatrial.command import Command
from seatrial.trial.window import Window

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


@dataclass(frozen=True)
class Look:
    """What starting a process took at a moment (time.monotonic()), and how many times longer than its work WORK did."""

    at: float
    spawn_seconds: float
    stretch: float


@dataclass
class Machine:
    """The calibration, what was measured since, and when the harness was late: (time.monotonic(), seconds)."""

    spawn_seconds: float = REFERENCE_SPAWN_SECONDS
    stretch: float = 1.0
    lags: list[tuple[float, float]] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    _watch: asyncio.Task[None] | None = None

    @classmethod
    async def calibrated(cls) -> Self:
        """Return this machine as it is now."""
        looks = [await _look() for _ in range(ROUNDS)]
        return cls(median(each.spawn_seconds for each in looks), median(each.stretch for each in looks))

    async def __aenter__(self) -> Self:
        """Begin to watch."""
        self._watch = asyncio.create_task(self._keep_watch(), name="machine")
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
        return self._factor(self.looks)

    @property
    def allowance_seconds(self) -> float:
        """What a bound is exceeded by before it counts."""
        return ALLOWANCE_SECONDS * self.factor

    def bound(self, seconds: float) -> str:
        """Return a bound in words, with what it is here."""
        return f"{seconds:g} s ({seconds + self.allowance_seconds:.1f} s on this machine)"

    def worst_lag_seconds(self, window: Window) -> float:
        """Return how late the harness itself was at most."""
        return max((lag for at, lag in self.lags if window.began <= at <= window.ended), default=0.0)

    def doubt(self, window: Window) -> str | None:
        """Return why what went wrong may have been the machine's fault, None if it was not."""
        lag = self.worst_lag_seconds(window)
        if lag <= LATE_SECONDS:
            return None
        return f"the machine was too busy to tell: the harness itself was up to {lag:.1f} s late"

    def slowness(self, window: Window) -> str | None:
        """Return why what was then judged by time may have been the machine's fault, None if it was not."""
        factor = self._factor(window.of(self.looks, at_least=RECENT))
        if factor < SLOW_FACTOR:
            return None
        return f"the machine was {factor:.1f} times slower than with two idle cores: what took long may be its fault"

    def figures(self) -> Mapping[str, float]:
        """Return the numbers, for the report."""
        return {
            "spawn_seconds": self.spawn_seconds,
            "stretch": self.stretch,
            "factor": self.factor,
            "allowance_seconds": self.allowance_seconds,
            "worst_lag_seconds": self.worst_lag_seconds(Window(0.0, float("inf"))),
        }

    def _factor(self, looks: Sequence[Look]) -> float:
        spawn_seconds = max(self.spawn_seconds, _worst([each.spawn_seconds for each in looks]))
        stretch = max(self.stretch, _worst([each.stretch for each in looks]))
        return max(1.0, spawn_seconds / REFERENCE_SPAWN_SECONDS, stretch)

    async def _keep_watch(self) -> None:
        for tick in itertools.count(1):
            if tick % SPAWN_TICKS == 0:
                self.looks.append(await _look())
            due = time.monotonic() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            now = time.monotonic()
            if now - due > TICK_SECONDS:
                self.lags.append((now, now - due))


async def _look() -> Look:
    """Measure now; WORK has a process of its own, or it would keep this one from its work."""
    spawned = await Command(("true",)).run()
    worked = await Command((sys.executable, "-I", "-S", "-c", WORK)).run()
    return Look(time.monotonic(), spawned.seconds, float(worked.check().stdout))


def _worst(samples: list[float]) -> float:
    """Return the largest median of some samples in a row, 0 of too few: a single one is chance."""
    return max((median(samples[at : at + RECENT]) for at in range(len(samples) - RECENT + 1)), default=0.0)
