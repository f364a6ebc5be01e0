"""How a claim is judged: from what a scenario saw to a verdict with its evidence, without doing anything."""

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from seatrial.errors import HarnessError
from seatrial.trial.verdict import Claim, Finding, Verdict
from seatrial.trial.window import Window

S = TypeVar("S")
When = Callable[[Any], Window | None]
"""Finds the time by which something was judged, in what a scenario saw; None if it was by something else."""

LINES = 3
"""How many lines of an error are evidence."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judgement:
    """A verdict, the facts that it rests on, one a line, and their numbers.

    What holds `by_failing` was seen to hold because something failed, which it may also do where it gets no core.
    """

    verdict: Verdict
    evidence: tuple[str, ...]
    figures: Mapping[str, float] = field(default_factory=dict)
    by_failing: bool = False

    @property
    def fallible(self) -> bool:
        """Whether a machine that is too busy may be the reason of it."""
        return self.verdict is Verdict.BROKEN or (self.verdict is Verdict.HELD and self.by_failing)


def held(*evidence: str, **figures: float) -> Judgement:
    """Return that it was seen to hold."""
    return Judgement(Verdict.HELD, evidence, figures)


def held_by_failing(*evidence: str, **figures: float) -> Judgement:
    """Return that it was seen to hold because something failed, not more promptly than what gets no core."""
    return Judgement(Verdict.HELD, evidence, figures, by_failing=True)


def broken(*evidence: str, **figures: float) -> Judgement:
    """Return that it was seen broken."""
    return Judgement(Verdict.BROKEN, evidence, figures)


def not_applicable(*evidence: str, **figures: float) -> Judgement:
    """Return that there is nothing it could be about."""
    return Judgement(Verdict.NOT_APPLICABLE, evidence, figures)


def not_asked(*evidence: str, **figures: float) -> Judgement:
    """Return that it is about something else than what is tried, and about what."""
    return Judgement(Verdict.NOT_ASKED, evidence, figures)


def not_run(*evidence: str, **figures: float) -> Judgement:
    """Return that nothing can be told, and why."""
    return Judgement(Verdict.NOT_RUN, evidence, figures)


def untold(error: Exception) -> Judgement:
    """Return that nothing can be told, and why; of several errors, by one that was not raised on purpose."""
    if isinstance(error, ExceptionGroup):  # tasks wrap it
        _, unexpected = error.split(HarnessError)
        return untold((unexpected or error).exceptions[0])
    if isinstance(error, HarnessError):
        return not_run(*str(error).splitlines()[:LINES])
    _log.error("a defect of the harness", exc_info=error)
    told = f"a defect of the harness: {type(error).__name__}: {error}".splitlines()[:LINES]
    at = traceback.extract_tb(error.__traceback__)[-1:]
    return not_run(*told, *(f"at {Path(each.filename).name}:{each.lineno}, in {each.name}" for each in at))


@dataclass(frozen=True)
class Judged(Generic[S]):
    """A claim, and what judges it by what a scenario saw.

    What is `timed` may be judged so because the machine was too busy then; where it finds no such time, it is not.
    """

    claim: Claim
    judge: Callable[[S], Judgement]
    timed: When | None = None

    def __call__(self, seen: S) -> Judgement:
        """Judge."""
        return self.judge(seen)

    def finding(self, judgement: Judgement, *, scenario: str | None, exempt: str | None) -> Finding:
        """Return the finding of a judgement."""
        return Finding(
            self.claim,
            judgement.verdict,
            judgement.evidence,
            judgement.figures,
            scenario,
            exempt if judgement.verdict in (Verdict.BROKEN, Verdict.NOT_RUN) else None,
        )


def claim(
    identity: str, sentence: str, *, timed: When | None = None
) -> Callable[[Callable[[S], Judgement]], Judged[S]]:
    """Make a function the judge of a claim."""
    return lambda judge: Judged(Claim(identity, sentence), judge, timed)
