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
NAMES = 3
"""How many claims are named of those that could not be told for one reason."""
REST = (EXEMPT, Verdict.HELD, Verdict.NOT_APPLICABLE, Verdict.NOT_ASKED)
"""What is shown to those alone who ask for it."""
INDENT = "  "


def render(trial: Trial) -> str:
    """Return all of it, with nothing that colours it."""
    return "\n".join(lines(trial)) + "\n"


def lines(trial: Trial, *, verbose: bool = False) -> Iterator[str]:
    """Yield the lines, safe to show; `verbose` has every place, and what held, was excused, not applicable or asked."""
    yield from map(visible, _lines(trial, verbose=verbose))


def _lines(trial: Trial, *, verbose: bool) -> Iterator[str]:
    yield headline(trial)
    for each in sorted(trial.broken, key=lambda each: (severity(each) is not Severity.ERROR, each.claim.id)):
        yield ""
        yield from _broken(each, None if verbose else PLACES)
    if trial.not_run:
        yield ""
        yield "could not be told:"
        yield from _by_reason(trial.not_run, None if verbose else NAMES)
    for rest in REST if verbose else ():
        if found := [each for each in trial.findings if _standing(each) == rest]:
            yield ""
            yield f"{rest}:"
            yield from _by_reason(found, None)
    yield ""
    yield counts(trial)


def headline(trial: Trial) -> str:
    """Return the verdict in a line."""
    if trial.broken:
        errors = sum(severity(each) is Severity.ERROR for each in trial.broken)
        places = sum(len(_open(each)) or 1 for each in trial.broken)
        at = f" at {_number(places, 'place')}" if any(each.breaches for each in trial.broken) else ""
        kinds = [("error", errors), ("warning", len(trial.broken) - errors)]
        said = ", ".join(_number(count, kind) for kind, count in kinds if count)
        return f"broken: {_number(len(trial.broken), 'claim')}{at} ({said})"
    if trial.not_run:
        return "not proven: something could not be told"
    return "nothing is broken"


def counts(trial: Trial) -> str:
    """Return how many claims stand how, of how many objects."""
    found = Counter(map(_standing, trial.findings))
    told = ", ".join(f"{found[each]} {each}" for each in (EXEMPT, *Verdict) if found[each])
    of = f"{_number(round(trial.calibration['objects']), 'object')}, " if "objects" in trial.calibration else ""
    return f"{of}runtime {trial.runtime}: {told or 'nothing to tell'}; {trial.seconds:.1f} s"


def _broken(finding: Finding, limit: int | None) -> Iterator[str]:
    yield f"{severity(finding)}: {finding.claim.id}: {finding.claim.sentence}"
    places = [f"{f'{shown(each)}: ' if each.file else ''}{each.where}: {each.text}" for each in _open(finding)]
    places = places or list(finding.evidence)
    yield from (f"{INDENT}{line}" for place in places[:limit] for line in place.splitlines())
    if limit and len(places) > limit:
        yield f"{INDENT}and {len(places) - limit:,} more"
    if said := finding.claim.advice:
        yield f"{INDENT}mend: {said.remedy}"
        yield f"{INDENT}{page(finding.claim.id)}"


def _by_reason(findings: Sequence[Finding], limit: int | None) -> Iterator[str]:
    """Yield claims and their evidence: several claims for one reason are one line."""
    by_reason: dict[tuple[str, ...], list[str]] = {}
    for each in findings:
        by_reason.setdefault((*((each.exempt,) if each.exempt else ()), *each.evidence), []).append(each.claim.id)
    for evidence, claims in by_reason.items():
        more = f" and {len(claims) - limit} more" if limit and len(claims) > limit else ""
        yield f"{INDENT}{', '.join(claims[:limit])}{more}: {evidence[0] if evidence else 'nobody knows why'}"
        yield from (f"{INDENT}{INDENT}{line}" for line in evidence[1:])


def _open(finding: Finding) -> list[Breach]:
    return [each for each in finding.breaches if not each.exempt]


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _standing(finding: Finding) -> str:
    return EXEMPT if finding.exempt and finding.verdict in (Verdict.BROKEN, Verdict.NOT_RUN) else str(finding.verdict)
