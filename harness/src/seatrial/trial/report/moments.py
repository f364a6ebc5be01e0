"""The moments that a reader looks for: what the scenario did, and what the containers did about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from seatrial.timeline import Kind
from seatrial.trial.report.document import ScenarioDocument
from seatrial.trial.report.phases import containers


@dataclass(frozen=True)
class Moment:
    """A labelled moment, in seconds since the scenario began."""

    at: float
    label: str


_WORDS = {
    Kind.SIGNALLED: "",
    Kind.EXITED: "",
    Kind.TERMINATED: "",
    Kind.UNHEALTHY: "",
    Kind.BACK_OFF: "back-off ",
    Kind.START_FAILED: "start failed ",
}


def moments(scenario: ScenarioDocument) -> tuple[Moment, ...]:
    """Return the marks and the events that are moments, in order."""
    several = len(containers(scenario.events)) > 1
    found = [Moment(mark.at, mark.label) for mark in scenario.marks]
    terminated: set[str] = set()
    for event in scenario.events:
        restarted = event.kind is Kind.RUNNING and event.detail
        if event.kind is Kind.RUNNING:
            terminated.discard(event.subject)
        elif event.kind is Kind.TERMINATED:
            terminated.add(event.subject)
        elif event.kind is Kind.EXITED and event.subject in terminated:
            continue  # the same end, as the next listing of the containers saw it
        if event.kind in _WORDS or restarted:
            subject = f"{event.subject}: " if several else ""
            found.append(Moment(event.at, f"{subject}{_WORDS.get(event.kind, '')}{event.detail}"))
    return tuple(sorted(found, key=lambda moment: moment.at))


def merged(found: Iterable[Moment], within_seconds: float) -> tuple[Moment, ...]:
    """Return the moments with those that no plot can keep apart made one; a label says each thing once."""
    groups: list[list[Moment]] = []
    for moment in found:
        if groups and moment.at - groups[-1][0].at <= within_seconds:
            groups[-1].append(moment)
        else:
            groups.append([moment])
    return tuple(Moment(group[0].at, " · ".join(_apart(moment.label for moment in group))) for group in groups)


def _apart(labels: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for label in labels:
        if any(label in other for other in kept):
            continue
        kept = [other for other in kept if other not in label]
        kept.append(label)
    return kept
