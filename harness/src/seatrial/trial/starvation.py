"""Whether the subject's processes get the cores that they ask for: what took them long otherwise is not their fault.

Measured of themselves, because containers share the cores by weights: the harness may have all that it wants where they
have next to nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from seatrial.host.cores import CoreGroup, Reading
from seatrial.trial.window import Window

SAMPLE_SECONDS = 1.0
RECENT = 5
LEAST_SECONDS = 1.0
"""What waited less in so many samples was not kept from answering in time."""
STARVED_FACTOR = 4.0
"""So many times longer than it works, a process may miss a probe's timeout: those do not scale."""
MOST = 100.0
"""What is said of what got no core at all."""


@dataclass(frozen=True)
class Sample:
    """How long tasks ran, and had to wait for a core, in the time until a moment (time.monotonic())."""

    at: float
    ran_seconds: float
    waited_seconds: float


@dataclass
class Starvation:
    """What was sampled of one scenario's subject."""

    samples: list[Sample] = field(default_factory=list)

    @asynccontextmanager
    async def watched(self, pids: Callable[[], Iterable[int]]) -> AsyncIterator[None]:
        """Sample for as long as the context lasts; `pids` returns the first processes of the containers as they are."""
        watching = asyncio.create_task(self._watch(pids), name="starvation")
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    def slowness(self, window: Window) -> str | None:
        """Return why what was then judged by time may have been the machine's fault, None if it was not."""
        seen = window.of(self.samples, at_least=RECENT)
        factor = max((_stretch(seen[at : at + RECENT]) for at in range(max(len(seen) - RECENT + 1, 1))), default=1.0)
        if factor < STARVED_FACTOR:
            return None
        return f"its processes waited for a core: all took {factor:.1f} times as long as it worked"

    async def _watch(self, pids: Callable[[], Iterable[int]]) -> None:
        before: dict[CoreGroup, Reading] = {}
        while True:
            now: dict[CoreGroup, Reading] = {}
            for pid in pids():
                with suppress(OSError):  # it has just ended
                    if group := CoreGroup.of(pid):
                        now[group] = group.read()
            had = [reading.since(before[group]) for group, reading in now.items() if group in before]
            ran, waited = sum(each.ran_seconds for each in had), sum(each.waited_seconds for each in had)
            self.samples.append(Sample(time.monotonic(), ran, waited))
            before = now
            await asyncio.sleep(SAMPLE_SECONDS)


def _stretch(samples: Sequence[Sample]) -> float:
    """Return how many times longer than it worked all took; 1 of what hardly had to wait."""
    ran, waited = sum(each.ran_seconds for each in samples), sum(each.waited_seconds for each in samples)
    return (ran + waited) / max(ran, waited / MOST) if waited >= LEAST_SECONDS else 1.0
