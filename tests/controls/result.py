"""What was found of the controls when they were last tried: kept beside them, and written into docs/controls.md."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, TypeAdapter

from seatrial.trial.verdict import Verdict

RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Result:
    """What one deployment was found to be: claims by their ids where something is to be seen, else how many.

    `checkov` are the checks that fail on it and not on the good deployment that it was made of. `verdicts` has all
    claims, and is not kept.
    """

    name: str
    broken: tuple[str, ...]
    not_run: tuple[str, ...]
    held: int
    not_applicable: int
    seconds: int
    checkov: tuple[str, ...] = ()
    verdicts: Annotated[Mapping[str, Verdict], Field(exclude=True)] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, name: str, verdicts: Mapping[str, Verdict], seconds: float) -> Self:
        """Return the result of a trial, given the verdicts by the claims' ids."""

        def claims(verdict: Verdict) -> tuple[str, ...]:
            return tuple(claim for claim, found in verdicts.items() if found is verdict)

        return cls(
            name=name,
            broken=claims(Verdict.BROKEN),
            not_run=claims(Verdict.NOT_RUN),
            held=len(claims(Verdict.HELD)),
            not_applicable=len((*claims(Verdict.NOT_APPLICABLE), *claims(Verdict.NOT_ASKED))),
            seconds=round(seconds),
            verdicts=verdicts,
        )


_ADAPTER = TypeAdapter(list[Result])


def read(path: Path = RESULTS) -> dict[str, Result]:
    """Return the results by their names, none where there is no such file."""
    found = _ADAPTER.validate_json(path.read_bytes()) if path.exists() else []
    return {each.name: each for each in found}


def keep(found: Result, path: Path = RESULTS) -> None:
    """Keep one result in place of the one before."""
    write((read(path) | {found.name: found}).values(), path)


def write(results: Iterable[Result], path: Path = RESULTS) -> None:
    """Keep these results and no others."""
    ordered = sorted(results, key=lambda each: each.name)
    path.write_bytes(_ADAPTER.dump_json(ordered, indent=1) + b"\n")
