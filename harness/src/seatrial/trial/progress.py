"""How far a trial is, as it tells whoever waits for it."""

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Running:
    """A scenario that runs: what it has done last, and the moment (monotonic) by which it may be over."""

    name: str
    phase: str
    until: float


@dataclass(frozen=True)
class Progress:
    """How far a trial is: what runs, what waits for its turn, and the moment (monotonic) by which all may be over."""

    running: tuple[Running, ...]
    waiting: tuple[str, ...]
    done: int
    total: int
    until: float

    def __str__(self) -> str:
        """Return it as one line, as of now."""
        running = ", ".join(f"{each.name} ({each.phase})" for each in self.running) or "nothing"
        left = max(self.until - time.monotonic(), 0.0)
        return f"{self.done} of {self.total} scenarios; running {running}; up to {left:.0f} s left"
