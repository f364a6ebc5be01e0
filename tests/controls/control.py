"""A control: a good deployment with the smallest change that makes one thing of it wrong, and what must be found."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tests.controls.result import Result

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

    `hides` are patterns of claims of which nothing can be told any more, and `may` of those that break or not, as a
    consequence: by chance, or because a kill comes a moment sooner or later. `why` says how it comes about in practice.
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
        return bool(self.breaks) and all(each.startswith("yaml.") for each in self.breaks)

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


UNTOLD = "not run"


def complaints(control: Control, found: Result) -> list[str]:
    """Return what was not found as the control says it must be, a line for each claim, which ends in UNTOLD or not."""
    passed = [each for each in control.breaks if each not in (*found.broken, *found.not_run)]
    blamed = [each for each in found.broken if each not in control.breaks and not is_named(each, control.may)]
    untold = [each for each in found.not_run if not _may_be_untold(control, each)]
    return [
        *(f"{claim}: must be broken" for claim in passed),
        *(f"{claim}: broken" for claim in blamed),
        *(f"{claim}: {UNTOLD}" for claim in untold),
    ]


def _may_be_untold(control: Control, claim: str) -> bool:
    # A pattern can be about the very claims that the control is there for, which are tried again.
    return claim not in control.breaks and is_named(claim, (*control.hides, *control.may))


def untold(control: Control, found: Result) -> bool:
    """Tell whether a result is wrong in nothing but what could not be told."""
    wrong = complaints(control, found)
    return bool(wrong) and all(each.endswith(UNTOLD) for each in wrong)


def is_named(claim: str, patterns: Iterable[str]) -> bool:
    """Tell whether a claim is one of those that patterns are of."""
    return any(fnmatchcase(claim, each) for each in patterns)
