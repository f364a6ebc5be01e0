"""Findings as GitHub's workflow commands, which annotate the lines of a pull request, and as a job's summary."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from seatrial.advice import Severity
from seatrial.check.checking import severity
from seatrial.check.formats.place import relative
from seatrial.trial.verdict import Finding, Trial

SUMMARY = "GITHUB_STEP_SUMMARY"
MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
PROPERTY = {**MESSAGE, ":": "%3A", ",": "%2C"}
COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def render(trial: Trial) -> str:
    """Return an annotation for each place that is broken, and for each thing that could not be told."""
    return "".join(f"{line}\n" for line in _annotations(trial))


def _annotations(trial: Trial) -> Iterator[str]:
    for finding in trial.broken:
        remedy = f"\n{finding.claim.advice.remedy}" if finding.claim.advice else ""
        yield from _of(finding, COMMANDS[severity(finding)], remedy)
    for finding in trial.not_run:
        yield from _of(finding, "error", "")


def _of(finding: Finding, command: str, remedy: str) -> Iterator[str]:
    for each in finding.breaches:
        if not each.exempt:
            file = relative(each.file)
            where = {"file": file, "line": str(each.line)} if file else {}
            yield _command(command, {**where, "title": finding.claim.id}, f"{each.where}: {each.text}{remedy}")
    if not finding.breaches:
        told = "\n".join((finding.claim.sentence, *finding.evidence))
        yield _command(command, {"title": finding.claim.id}, f"{told}{remedy}")


def _command(command: str, properties: Mapping[str, str], message: str) -> str:
    given = ",".join(f"{name}={_escaped(value, PROPERTY)}" for name, value in properties.items())
    return f"::{command} {given}::{_escaped(message, MESSAGE)}"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)


def summarise(text: str) -> None:
    """Add a text to the summary of the job, where there is one; raises OSError."""
    if path := os.environ.get(SUMMARY):
        with Path(path).open("a", encoding="utf-8") as summary:
            summary.write(text)
