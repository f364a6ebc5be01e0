"""The phases of each container, from what happened to it: what the coloured bands of the timeline show."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from seatrial.timeline import Kind
from seatrial.trial.report.document import EventDocument


class Phase(StrEnum):
    """What a running container is, as its probes tell."""

    STARTING = "starting"
    NOT_READY = "not ready"
    READY = "ready"


@dataclass(frozen=True)
class Band:
    """A phase from one moment to another; `terminating` from the signal on, whatever readiness says."""

    phase: Phase
    begin: float
    end: float
    terminating: bool = False

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.phase}, terminating" if self.terminating else str(self.phase)


_ENTERS = {Kind.RUNNING: Phase.STARTING, Kind.READY: Phase.READY, Kind.NOT_READY: Phase.NOT_READY}
_LEAVES = (Kind.EXITED, Kind.TERMINATED, Kind.DOWN)


def containers(events: Iterable[EventDocument]) -> tuple[str, ...]:
    """Return the containers in the order in which they first ran."""
    return tuple(dict.fromkeys(event.subject for event in events if event.kind is Kind.RUNNING))


def bands(events: Iterable[EventDocument], container: str, end: float) -> tuple[Band, ...]:
    """Return a container's bands in order, the last until `end` if it still ran."""
    found: list[Band] = []
    current: Band | None = None
    for event in events:
        if event.subject != container:
            continue
        following = _next(current, event)
        if following == current:
            continue
        if current is not None:
            found.append(replace(current, end=event.at))
        current = following
    if current is not None:
        found.append(replace(current, end=end))
    return tuple(band for band in found if band.end > band.begin)


def _next(current: Band | None, event: EventDocument) -> Band | None:
    kind, at = event.kind, event.at
    if kind is Kind.RUNNING:
        return Band(Phase.STARTING, at, at)
    if current is None or kind in _LEAVES:
        return None
    if kind is Kind.SIGNALLED:
        return replace(current, begin=at, terminating=True)
    if kind is Kind.STARTED and current.phase is Phase.STARTING:
        return replace(current, phase=Phase.NOT_READY, begin=at)
    if kind in _ENTERS and _ENTERS[kind] is not current.phase:
        return replace(current, phase=_ENTERS[kind], begin=at)
    return current
