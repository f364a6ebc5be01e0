"""A part of a scenario."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar


class Measured(Protocol):
    """What was measured at a moment."""

    @property
    def at(self) -> float:
        """The moment, of time.monotonic()."""


M = TypeVar("M", bound=Measured)


@dataclass(frozen=True)
class Window:
    """From one moment to another; both are of time.monotonic()."""

    began: float
    ended: float

    def of(self, moments: Sequence[M], *, at_least: int) -> Sequence[M]:
        """Return what was measured in it, of measurements in order, and some before it where those are too few."""
        before = [each for each in moments if each.at <= self.ended]
        within = sum(each.at >= self.began for each in before)
        return before[-max(within, at_least) :]

    @classmethod
    def around(cls, windows: Iterable[Self]) -> Self | None:
        """Return the one from the first's beginning to the last's end; None of none."""
        found = list(windows)
        return cls(min(each.began for each in found), max(each.ended for each in found)) if found else None
