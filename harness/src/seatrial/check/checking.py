"""Checking: every static claim about all that was given, as the findings of a trial in which nothing was played."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from seatrial.advice import Severity, advice
from seatrial.check import inputs
from seatrial.contracts.overlay import Runtime
from seatrial.errors import ManifestError
from seatrial.manifests.source import Rendered
from seatrial.trial import configuration, exemptions, static
from seatrial.trial.verdict import Breach, Claim, Finding, Trial, Verdict

IS_READ = Claim("yaml.is-read", "Every document that is given is YAML with a Kubernetes object in it.", static=True)
"""A claim of what is not read alone: of it nothing else can be told."""
RANKS = (Verdict.BROKEN, Verdict.NOT_RUN, Verdict.HELD, Verdict.NOT_APPLICABLE, Verdict.NOT_ASKED)
"""What a claim is, of several overlays: the first of these that it is of any."""
FAILED, UNTOLD = 1, 2


async def check(paths: Sequence[str], runtime: Runtime | None, stdin: IO[bytes]) -> Trial:
    """Judge what is at the paths, as written for a runtime, by default for what each looks like.

    What cannot be read is not run; raises ManifestError for an exemption that says nothing.
    """
    wall, began = datetime.now(UTC), time.monotonic()
    given = await inputs.read(paths, stdin)
    known = {each.claim.id for each in static.CLAIMS}
    findings, runtimes = list[list[Finding]](), set[str]()
    for rendered in given:
        exemptions.check(rendered, known)
        if rendered.objects:
            written_for = runtime or static.written_for(rendered.objects)
            runtimes.add(written_for)
            findings.append(static.findings(rendered, _exempt(rendered, known), written_for))
    merged = [_merged(found) for found in zip(*findings, strict=True)]
    return Trial(
        source=" ".join(paths),
        runtime=f"none; judged as for {' and '.join(sorted(runtimes)) or 'nothing'}",
        wall=wall,
        seconds=time.monotonic() - began,
        versions={},
        calibration={"objects": sum(len(each.objects) for each in given)},
        findings=(*_unread(given), *merged),
        records=(),
    )


def _exempt(rendered: Rendered, known: set[str]) -> Mapping[str, str]:
    """Return the reasons in a `trial.toml` beside a Kustomize directory or a single file."""
    if not (path := Path(rendered.name)).exists():
        return {}
    exempt = configuration.read(path).exempt
    if unknown := sorted(each for each in exempt.keys() - known if advice(each) is None):
        raise ManifestError(f"{path}: trial.toml exempts {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return exempt


def _unread(given: Iterable[Rendered]) -> Iterable[Finding]:
    problems = [problem for each in given for problem in each.problems]
    if problems:
        breaches = tuple(
            Breach("", each.position.file, " ".join(each.words.split()), each.position.file, each.position.line)
            for each in problems
        )
        yield Finding(IS_READ, Verdict.NOT_RUN, tuple(map(str, problems)), breaches=breaches)


def _merged(findings: Sequence[Finding]) -> Finding:
    """Return what became of a claim in several overlays; a breach in what they have in common is one."""
    verdict = min((each.verdict for each in findings), key=RANKS.index)
    of_that = [each for each in findings if each.verdict is verdict]
    if len(of_that) == 1:
        return of_that[0]
    exempt = [each.exempt for each in of_that if each.exempt]
    return Finding(
        claim=of_that[0].claim,
        verdict=verdict,
        evidence=tuple(dict.fromkeys(line for each in of_that for line in each.evidence)),
        figures={name: sum(each.figures.get(name, 0) for each in of_that) for name in of_that[0].figures},
        exempt="; ".join(dict.fromkeys(exempt)) if len(exempt) == len(of_that) else None,
        breaches=tuple(dict.fromkeys(breach for each in of_that for breach in each.breaches)),
    )


def severity(finding: Finding) -> Severity:
    """Return what it does to a service that a claim is broken; an error where nothing is said about it."""
    return finding.claim.advice.severity if finding.claim.advice else Severity.ERROR


def exit_code(trial: Trial, least: str = Severity.WARNING) -> int:
    """Return 1 where something is broken of a severity, or a worse one, 2 where something could not be told, or 0."""
    if any(least == Severity.WARNING or severity(each) == least for each in trial.broken):
        return FAILED
    return UNTOLD if trial.not_run else 0
