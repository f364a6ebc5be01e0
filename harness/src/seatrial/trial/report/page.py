"""The page for people: one file, no script, nothing from elsewhere; the verdict first."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from seatrial.trial.report.document import ClaimDocument, Document, ScenarioDocument
from seatrial.trial.report.plot import NARROW, WIDE, plot
from seatrial.trial.report.requests import PROBLEMS, Result, Tally, tallies
from seatrial.trial.report.standing import Standing

FOLDER = Path(__file__).parent
SYMBOLS = {
    Standing.BROKEN: "✗",
    Standing.NOT_RUN: "?",
    Standing.EXEMPT: "~",
    Standing.HELD: "✓",
    Standing.NOT_APPLICABLE: "·",
    Standing.NOT_ASKED: "-",
}
"""So that colour is never all that tells."""
FIRST_LINES, LAST_LINES = 100, 300
"""What the page has of a log: how it began, and how it ended."""


@dataclass(frozen=True)
class ScenarioView:
    """A scenario with what was found in it; `anchor` is where it is on the page."""

    anchor: str
    found: ScenarioDocument
    claims: tuple[ClaimDocument, ...]
    tallies: tuple[Tally, ...]

    @property
    def results(self) -> tuple[Result, ...]:
        """What its requests came to: that none failed is told, what else did not happen is not."""
        told = {Result.ANSWERED, Result.FAILED}
        return tuple(each for each in Result if each in told or any(each in tally.counts for tally in self.tallies))

    @property
    def logs(self) -> str:
        """The log as far as a page can hold it: requests make thousands of lines."""
        text = "\n".join(map(str, self.found.logs))
        lines = text.splitlines()
        missing = len(lines) - FIRST_LINES - LAST_LINES
        if missing <= 0:
            return text
        note = f"\n… {missing:,} lines are left out; trial.json has them …\n"
        return "\n".join([*lines[:FIRST_LINES], note, *lines[-LAST_LINES:]])

    @property
    def standing(self) -> Standing | None:
        """The worst of its claims' standings, if it has claims."""
        return worst(self.claims)

    def plots(self) -> tuple[Markup, ...]:
        """Return the timeline for a wide and for a narrow screen."""
        return tuple(Markup(plot(self.found, size, f"{self.anchor}-{size.name}")) for size in (WIDE, NARROW))  # noqa: S704 - ElementTree has escaped it


def page(document: Document) -> str:
    """Return the document as HTML."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, standing_class=_class, unit=_unit)
    style = (FOLDER / "page.css").read_text()
    scenarios = _scenarios(document)
    return environment.get_template("page.html.jinja").render(
        document=document,
        headline=headline(document),
        overall=worst(document.claims),
        scenarios=scenarios,
        anchors={view.found.scenario: view.anchor for view in scenarios},
        claims={each: [claim for claim in document.claims if claim.standing is each] for each in Standing},
        homeless=_homeless(document),
        Standing=Standing,
        problems=PROBLEMS,
        symbols=SYMBOLS,
        style=Markup(style),  # noqa: S704 - a file of ours
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def headline(document: Document) -> str:
    """Return the verdict on the whole in a few words."""
    counts = document.counts
    tried = len(document.claims) - counts[Standing.NOT_APPLICABLE] - counts[Standing.NOT_ASKED]
    if broken := counts[Standing.BROKEN]:
        return f"{broken} of {tried} claims broken"
    if missing := counts[Standing.NOT_RUN]:
        return f"Not proven: {missing} of {tried} claims not run"
    if not counts[Standing.HELD]:
        return "Nothing was proven"
    held = "The one claim held" if counts[Standing.HELD] == 1 else f"All {counts[Standing.HELD]} claims held"
    return f"{held}, {counts[Standing.EXEMPT]} exempt" if counts[Standing.EXEMPT] else held


def worst(claims: Iterable[ClaimDocument]) -> Standing | None:
    """Return the standing that matters most, if there is any."""
    found = {claim.standing for claim in claims}
    return next((each for each in Standing if each in found), None)


def number(value: float | None) -> str:
    """Return a figure as people write it: no exponent, four digits after the point at most."""
    if value is None:
        return "not a finite number"
    return f"{value:,.4f}".rstrip("0").rstrip(".") if abs(value) < 1000 else f"{value:,.0f}"


def _scenarios(document: Document) -> list[ScenarioView]:
    """Return the scenarios, those with the worst findings first."""
    views = []
    for at, found in enumerate(document.scenarios, start=1):
        claims = tuple(claim for claim in document.claims if claim.scenario == found.scenario)
        views.append(ScenarioView(f"scenario-{at}", found, claims, tallies(found.requests)))
    order = list(Standing)
    return sorted(views, key=lambda view: order.index(view.standing) if view.standing else len(order))


def _homeless(document: Document) -> list[ClaimDocument]:
    """Return the claims that are shown under no scenario and no arithmetic."""
    names = {found.scenario for found in document.scenarios}
    return [claim for claim in document.claims if not claim.static and claim.scenario not in names]


def _class(standing: Standing | None) -> str:
    return str(standing or Standing.NOT_RUN).replace(" ", "-")


def _unit(name: str) -> str:
    return name.replace("_", " ")
