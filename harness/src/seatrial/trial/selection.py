"""Which claims are asked: those that a pattern of their id, or of their scenario's name, chooses, but for some."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from seatrial.errors import ManifestError
from seatrial.trial.judgement import not_asked
from seatrial.trial.scenario import Scenario
from seatrial.trial.verdict import Finding

LEFT_OUT = not_asked("it was left out by --only or --skip")


@dataclass(frozen=True)
class Selection:
    """Patterns with `*`, `?` and `[...]`; without any in `only`, everything is asked that `skip` does not name."""

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()

    def asks(self, claim: str, scenario: str | None) -> bool:
        """Tell whether a claim is asked, given its id, and the scenario that it is seen in."""
        names = (claim, scenario or "")
        chosen = not self.only or any(_matches(name, self.only) for name in names)
        return chosen and not any(_matches(name, self.skip) for name in names)

    def plays(self, scenario: Scenario[Any]) -> bool:
        """Tell whether a scenario has a claim that is asked."""
        return any(self.asks(judged.claim.id, scenario.name) for judged in scenario.claims)

    def of(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return findings, those that are not asked with that as their verdict."""
        return [
            found
            if self.asks(found.claim.id, found.scenario)
            else replace(
                found, verdict=LEFT_OUT.verdict, evidence=LEFT_OUT.evidence, figures={}, exempt=None, breaches=()
            )
            for found in findings
        ]

    def check(self, names: Sequence[str]) -> None:
        """Raise ManifestError for a pattern that chooses none of the claims and scenarios that there are."""
        for option, patterns in (("--only", self.only), ("--skip", self.skip)):
            for pattern in patterns:
                if not any(fnmatchcase(name, pattern) for name in names):
                    near = get_close_matches(pattern, names, 3, 0.5)
                    told = f"did you mean {' or '.join(near)}?" if near else "`seatrial explain` lists the claims"
                    raise ManifestError(f"{option}: there is no claim or scenario {pattern!r}; {told}")


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


EVERYTHING = Selection()
