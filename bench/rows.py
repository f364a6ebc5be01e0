"""The rows of the result: what was measured, what was to be reached, and whether it was."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from bench.rounds import Spread


class Verdict(StrEnum):
    """What a row comes to."""

    REACHED = "reached"
    MISSED = "**missed**"
    NOT_MEASURED = "not measured"
    NO_GOAL = ""


@dataclass(frozen=True)
class Goal:
    """A limit, in the row's unit, that the median has to keep."""

    sign: Literal["≤", "≥"]
    limit: float

    def reached(self, value: float) -> bool:
        """Tell whether a value keeps it."""
        return value <= self.limit if self.sign == "≤" else value >= self.limit


@dataclass(frozen=True)
class Row:
    """One line of the table; without `measured`, the note says why."""

    what: str
    unit: str
    measured: Spread | None
    goal: Goal | None = None
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether the goal is reached, by the median."""
        if self.measured is None:
            return Verdict.NOT_MEASURED
        if self.goal is None:
            return Verdict.NO_GOAL
        return Verdict.REACHED if self.goal.reached(self.measured.median) else Verdict.MISSED


def at_most(limit: float) -> Goal:
    """Return a goal from above."""
    return Goal("≤", limit)


def at_least(limit: float) -> Goal:
    """Return a goal from below."""
    return Goal("≥", limit)
