"""What became of the controls when they were last run: kept beside them, and written into docs/controls.md."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.harness.trial.verdict import Verdict

RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Result:
    """What one deployment was found to be: the claims' verdicts by their ids, and what Checkov says of it alone.

    `checkov` are the checks that fail on it and not on the good deployment that it was made of.
    """

    name: str
    verdicts: Mapping[str, Verdict]
    seconds: float
    checkov: tuple[str, ...] = ()

    def of(self, verdict: Verdict) -> list[str]:
        """Return the claims of which this was found."""
        return [claim for claim, found in self.verdicts.items() if found is verdict]


def read(path: Path = RESULTS) -> dict[str, Result]:
    """Return the results by their names, none where there is no such file."""
    found: dict[str, Result] = {}
    if not path.exists():
        return found
    for raw in json.loads(path.read_text()):
        verdicts = {claim: Verdict(name) for name, claims in raw["verdicts"].items() for claim in claims}
        found[raw["name"]] = Result(raw["name"], verdicts, raw["seconds"], tuple(raw["checkov"]))
    return found


def keep(found: Result, path: Path = RESULTS) -> None:
    """Keep one result in place of the one before."""
    write((read(path) | {found.name: found}).values(), path)


def write(results: Iterable[Result], path: Path = RESULTS) -> None:
    """Keep the results; what held is not listed claim by claim but by verdict, so that a change is a small one."""
    raw = [
        asdict(each)
        | {"verdicts": {str(verdict): each.of(verdict) for verdict in Verdict}, "seconds": round(each.seconds)}
        for each in sorted(results, key=lambda each: each.name)
    ]
    path.write_text(json.dumps(raw, indent=1) + "\n")
