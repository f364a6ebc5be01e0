"""What a person is told about a claim that is broken: how bad that is, why, and how to mend it.

The texts are the TOML files beside this module: a table a claim, named by the claim's id, or by a pattern of several.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

PAGES = "https://github.com/seatrial/seatrial/blob/main/docs/claims"
"""Where the claims' pages are; a page's address is stable from release to release."""


class Severity(StrEnum):
    """What a broken claim does to a service."""

    ERROR = "error"
    """It takes the service down, or keeps it from starting: soon, in a rollout, or when a node is drained."""
    WARNING = "warning"
    """It weakens the service: what else goes wrong is then worse, later noticed, or harder to undo."""


@dataclass(frozen=True)
class Advice:
    """What is said about one claim, in plain English.

    `remedy` is one sentence, an order: it stands beside each finding. `why` is what happens at 3 am where the claim is
    broken, `arithmetic` the sum that is compared, where there is one, `breaks` how deployments come to break it, `mend`
    the YAML or code to write, `reference` the address where Kubernetes, an RFC or another authority says so.
    """

    severity: Severity
    remedy: str
    why: str
    breaks: str
    mend: str
    reference: str
    arithmetic: str = ""


def advice(claim: str) -> Advice | None:
    """Return what is said about a claim, given its id; None for one that is about a single project's deployments."""
    return next((said for pattern, said in texts().items() if fnmatchcase(claim, pattern)), None)


def page(claim: str) -> str:
    """Return the address of a claim's page."""
    return f"{PAGES}/{claim}.md"


@cache
def texts() -> Mapping[str, Advice]:
    """Return all that is said, by the pattern of the ids of the claims that it is about."""
    found: dict[str, Advice] = {}
    for file in files(__name__).iterdir():
        if file.name.endswith(".toml"):
            found |= {pattern: _advice(**said) for pattern, said in tomllib.loads(file.read_text("utf-8")).items()}
    return found


def _advice(*, severity: str, **said: str) -> Advice:
    return Advice(Severity(severity), **{name: text.strip() for name, text in said.items()})
