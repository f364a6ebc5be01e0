"""Repeatability: claims about one deployment that were judged otherwise in another run, or that none could tell."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seatrial.trial.verdict import Verdict
from tests.controls.control import Control, is_named
from tests.controls.result import Result


@dataclass(frozen=True)
class Changed:
    """A claim that was judged in more than one way, run by run; `by_chance` if its control says that it may be."""

    control: str
    claim: str
    verdicts: tuple[Verdict, ...]
    by_chance: bool

    @property
    def contradictory(self) -> bool:
        """Whether two runs told the opposite: one that could not tell contradicts none."""
        return not self.by_chance and len({*self.verdicts} - {Verdict.NOT_RUN}) > 1

    def __str__(self) -> str:
        """Return it as one line."""
        what = ", ".join(self.verdicts) + (" (by chance, as its control says)" if self.by_chance else "")
        return f"{self.control}: {self.claim}: {what}"


def changes(controls: Iterable[Control], results: Iterable[Result]) -> list[Changed]:
    """Return every claim that changed, given the results of all runs in their order."""
    told: defaultdict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for found in results:
        for claim, verdict in found.verdicts.items():
            told[found.name, claim].append(verdict)
    may = {each.name: each.may for each in controls}
    return [
        Changed(name, claim, tuple(verdicts), is_named(claim, may[name]))
        for (name, claim), verdicts in told.items()
        if len({*verdicts}) > 1
    ]


def unproven(controls: Sequence[Control], results: Sequence[Result]) -> list[str]:
    """Return every claim that must be broken and of which no run could tell, a line for each."""
    runs = {each.name: [found.not_run for found in results if found.name == each.name] for each in controls}
    return [
        f"{each.name}: {claim}"
        for each in controls
        for claim in each.breaks
        if runs[each.name] and all(claim in not_run for not_run in runs[each.name])
    ]
