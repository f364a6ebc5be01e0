"""Findings as Markdown: for a pull request's comment, or a job's summary."""

import html
import re
from collections.abc import Iterator

from seatrial.advice import page
from seatrial.check.checking import severity
from seatrial.check.formats.place import relative
from seatrial.check.formats.text import counts, headline
from seatrial.text import visible
from seatrial.trial.verdict import Finding, Trial

SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~-])")


def render(trial: Trial) -> str:
    """Return the verdict, a table of what is broken, and a list of what could not be told."""
    return visible("\n".join(_lines(trial))) + "\n"


def _lines(trial: Trial) -> Iterator[str]:
    yield f"## Seatrial: {_plain(headline(trial))}"
    if trial.broken:
        yield ""
        yield "| severity | claim | where | why | remedy |"
        yield "|---|---|---|---|---|"
        for finding in trial.broken:
            yield from _rows(finding)
    if trial.not_run:
        yield ""
        yield "Could not be told:"
        yield ""
        for finding in trial.not_run:
            yield f"- `{finding.claim.id}`: {_plain('; '.join(finding.evidence))}"
    yield ""
    yield _plain(counts(trial))


def _rows(finding: Finding) -> Iterator[str]:
    remedy = _plain(finding.claim.advice.remedy) if finding.claim.advice else ""
    claim = f"[{finding.claim.id}]({page(finding.claim.id)})" if finding.claim.advice else finding.claim.id
    for each in finding.breaches:
        if not each.exempt:
            file = f"`{relative(each.file) or each.file}:{each.line}` " if each.file else ""
            yield _row(str(severity(finding)), claim, f"{file}{_plain(each.where)}", _plain(each.text), remedy)
    if not finding.breaches:
        yield _row(str(severity(finding)), claim, "", "<br>".join(map(_plain, finding.evidence)), remedy)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return SPECIAL.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False))
