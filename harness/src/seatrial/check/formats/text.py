"""Findings for people: the verdict first; what is broken, with place and remedy; what could not be told; counts."""

from collections import Counter
from collections.abc import Iterator, Sequence

from seatrial.advice import Severity, page
from seatrial.check.checking import severity
from seatrial.check.formats.place import shown
from seatrial.text import visible
from seatrial.trial.verdict import Breach, Finding, Trial, Verdict

EXEMPT = "exempt"
PLACES = 5
"""How many places of one claim are shown; the other formats have all."""
INDENT = "  "


def render(trial: Trial) -> str:
    """Return all of it, with nothing that colours it."""
    return visible("\n".join(lines(trial))) + "\n"


def lines(trial: Trial) -> Iterator[str]:
    """Yield the lines."""
    yield headline(trial)
    for each in sorted(trial.broken, key=lambda each: (severity(each) is not Severity.ERROR, each.claim.id)):
        yield ""
        yield from _broken(each)
    if trial.not_run:
        yield ""
        yield "could not be told:"
        yield from _untold(trial.not_run)
    yield ""
    yield counts(trial)


def headline(trial: Trial) -> str:
    """Return the verdict in a line."""
    if trial.broken:
        errors = sum(severity(each) is Severity.ERROR for each in trial.broken)
        places = sum(len(_open(each)) or 1 for each in trial.broken)
        kinds = [("error", errors), ("warning", len(trial.broken) - errors)]
        said = ", ".join(_number(count, kind) for kind, count in kinds if count)
        return f"broken: {_number(len(trial.broken), 'claim')} at {_number(places, 'place')} ({said})"
    if trial.not_run:
        return "not proven: something could not be told"
    return "nothing is broken"


def counts(trial: Trial) -> str:
    """Return how many claims stand how, of how many objects."""
    found = Counter(EXEMPT if each.exempt else str(each.verdict) for each in trial.findings)
    told = ", ".join(f"{found[each]} {each}" for each in (EXEMPT, *Verdict) if found[each])
    objects = round(trial.calibration.get("objects", 0))
    return f"{_number(objects, 'object')}, runtime {trial.runtime}: {told or 'nothing to tell'}; {trial.seconds:.1f} s"


def _broken(finding: Finding) -> Iterator[str]:
    yield f"{severity(finding)}: {finding.claim.id}: {finding.claim.sentence}"
    places = [f"{f'{shown(each)}: ' if each.file else ''}{each.where}: {each.text}" for each in _open(finding)]
    places = places or list(finding.evidence)
    yield from (f"{INDENT}{line}" for line in places[:PLACES])
    if len(places) > PLACES:
        yield f"{INDENT}and {len(places) - PLACES:,} more"
    if said := finding.claim.advice:
        yield f"{INDENT}mend: {said.remedy}"
        yield f"{INDENT}{page(finding.claim.id)}"


def _untold(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield what could not be told, and why: several claims for one reason are one line."""
    by_reason: dict[tuple[str, ...], list[str]] = {}
    for each in findings:
        by_reason.setdefault(each.evidence, []).append(each.claim.id)
    for evidence, claims in by_reason.items():
        names = claims[0] if len(claims) == 1 else f"{_number(len(claims), 'claim')}"
        yield f"{INDENT}{names}: {evidence[0] if evidence else 'nobody knows why'}"
        yield from (f"{INDENT}{INDENT}{line}" for line in evidence[1:])


def _open(finding: Finding) -> list[Breach]:
    return [each for each in finding.breaches if not each.exempt]


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
