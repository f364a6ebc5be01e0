"""Findings as SARIF 2.1.0, which code scanning reads: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""

import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from seatrial.advice import PAGES, Severity, page
from seatrial.check.checking import severity
from seatrial.check.formats.place import relative
from seatrial.text import visible
from seatrial.trial.verdict import Breach, Claim, Finding, Trial, Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
FINGERPRINT = "seatrial/v1"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}

Part = dict[str, Any]


def render(trial: Trial) -> str:
    """Return one run: a rule for each claim, a result for each place that is broken, excused ones suppressed."""
    claims = {each.claim.id: each for each in trial.findings}
    rules = {claim: number for number, claim in enumerate(claims)}
    run: Part = {
        "tool": {
            "driver": {
                "name": "seatrial",
                "version": version("seatrial"),
                "informationUri": PAGES,
                "rules": [_rule(each) for each in claims.values()],
            }
        },
        "columnKind": "utf16CodeUnits",
        "invocations": [
            {
                "executionSuccessful": not trial.not_run,
                "toolExecutionNotifications": [
                    each for found in trial.not_run for each in _notifications(found, rules)
                ],
            }
        ],
        "results": [each for found in trial.findings for each in _results(found, rules)],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(finding: Finding) -> Part:
    claim = finding.claim
    rule: Part = {
        "id": claim.id,
        "shortDescription": {"text": claim.sentence},
        "defaultConfiguration": {"level": LEVELS[severity(finding)]},
    }
    return rule | (_help(claim) if claim.advice else {})


def _help(claim: Claim) -> Part:
    assert claim.advice
    return {
        "helpUri": page(claim.id),
        "fullDescription": {"text": claim.advice.why or claim.sentence},
        "help": {"text": claim.advice.remedy},
    }


def _results(finding: Finding, rules: dict[str, int]) -> Iterator[Part]:
    if finding.verdict is not Verdict.BROKEN:
        return
    for each in finding.breaches or (Breach("", "", "; ".join(finding.evidence), exempt=finding.exempt),):
        remedy = f" {finding.claim.advice.remedy}" if finding.claim.advice else ""
        result: Part = {
            "ruleId": finding.claim.id,
            "ruleIndex": rules[finding.claim.id],
            "level": LEVELS[severity(finding)],
            "message": {"text": visible(f"{f'{each.where}: ' if each.where else ''}{each.text}.{remedy}")},
            "partialFingerprints": {FINGERPRINT: _fingerprint(finding.claim, each)},
        }
        if location := _location(each):
            result["locations"] = [location]
        if reason := each.exempt or finding.exempt:
            result["suppressions"] = [{"kind": "external", "justification": visible(reason)}]
        yield result


def _location(breach: Breach) -> Part:
    location: Part = {}
    if file := relative(breach.file):
        artifact = {"uri": quote(file), "uriBaseId": ROOT}
        location["physicalLocation"] = {"artifactLocation": artifact, "region": {"startLine": breach.line or 1}}
    if breach.object:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(breach.object), "kind": "resource"}]
    return location


def _notifications(finding: Finding, rules: dict[str, int]) -> Iterator[Part]:
    for each in finding.breaches or (Breach("", "", "; ".join(finding.evidence)),):
        location = _location(each)
        yield {
            "level": "error",
            "message": {"text": visible(each.text or finding.claim.sentence)},
            "associatedRule": {"id": finding.claim.id, "index": rules[finding.claim.id]},
            **({"locations": [location]} if location else {}),
        }


def _fingerprint(claim: Claim, breach: Breach) -> str:
    """Return what stays the same where lines and numbers change."""
    return hashlib.sha256(f"{claim.id}\0{breach.object}\0{breach.where}".encode()).hexdigest()
