"""A control: a good deployment with the smallest change that makes one thing of it wrong, and what must be found."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tests.harness.trial.verdict import Verdict

GOOD = Path(__file__).parent / "good"


@dataclass(frozen=True)
class Change:
    """A text in a file of the good deployment, where it stands once, and what stands there instead."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Control:
    """`breaks` must be found broken; all else must hold, or be about nothing.

    Both name claims by their ids or by patterns of these. `hides` are claims of which nothing can be told any more, and
    `may` those that break, or not, as a consequence: by chance, or because a kill comes a moment earlier or later.
    `why` says how it comes about in practice.
    """

    name: str
    base: str
    changes: tuple[Change, ...]
    breaks: tuple[str, ...]
    why: str
    hides: tuple[str, ...] = ()
    may: tuple[str, ...] = ()

    @property
    def static(self) -> bool:
        """Whether the YAML alone shows it."""
        return all(each.startswith("yaml.") for each in self.breaks)

    def make(self, directory: Path) -> Path:
        """Write the changed deployment into a new directory, and return that; ValueError when a change fits nowhere."""
        made = Path(shutil.copytree(GOOD / self.base, directory / self.name))
        for change in self.changes:
            text = (made / change.file).read_text()
            if text.count(change.old) != 1:
                raise ValueError(
                    f"{self.name}: {change.file} has {change.old!r} {text.count(change.old)} times, not once"
                )
            (made / change.file).write_text(text.replace(change.old, change.new))
        return made


def complaints(control: Control, verdicts: Mapping[str, Verdict]) -> list[str]:
    """Return what was not found as the control says it must be, a line for each; `verdicts` are by claims' ids."""
    found = [
        f"{name}: {verdict}, must be {' or '.join(allowed)}"
        for name, verdict in verdicts.items()
        if verdict not in (allowed := _allowed(control, name))
    ]
    unknown = [each for each in control.breaks if not any(fnmatchcase(name, each) for name in verdicts)]
    return found + [f"{each}: there is no such claim" for each in unknown]


def _allowed(control: Control, claim: str) -> list[Verdict]:
    if _named(claim, control.breaks):
        return [Verdict.BROKEN]
    allowed = [Verdict.HELD, Verdict.NOT_APPLICABLE]
    if _named(claim, control.hides):
        allowed.append(Verdict.NOT_RUN)
    if _named(claim, control.may):
        allowed += [Verdict.BROKEN, Verdict.NOT_RUN]
    return allowed


def _named(claim: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(claim, each) for each in patterns)
