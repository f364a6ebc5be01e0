"""Scenarios as their report has them, of events and requests that a test names."""

from datetime import timedelta

from harness.tests.trial.trials import WALL
from seatrial.timeline import Kind
from seatrial.traffic.exchange import Failure
from seatrial.trial.report.document import EventDocument, MarkDocument, RequestDocument, ScenarioDocument


def happened(*events: tuple[float, Kind, str] | tuple[float, Kind, str, str]) -> tuple[EventDocument, ...]:
    """Return events of (seconds, kind, subject, detail)."""
    return tuple(
        EventDocument(
            at=at, wall=WALL + timedelta(seconds=at), kind=kind, subject=subject, detail=detail[0] if detail else ""
        )
        for at, kind, subject, *detail in events
    )


def sent(
    at: float, seconds: float = 0.004, *, status: int | None = 200, failure: Failure | None = None, client: str = "web"
) -> RequestDocument:
    """Return a request."""
    return RequestDocument(client=client, sent=at, seconds=seconds, status=None if failure else status, failure=failure)


def scenario(
    events: tuple[EventDocument, ...] = (),
    requests: tuple[RequestDocument, ...] = (),
    marks: tuple[tuple[float, str], ...] = (),
    seconds: float = 30.0,
) -> ScenarioDocument:
    """Return a scenario of 30 s."""
    return ScenarioDocument(
        scenario="by hand",
        sentence="What a test needs.",
        wall=WALL,
        seconds=seconds,
        events=events,
        requests=requests,
        marks=tuple(MarkDocument(at=at, label=label) for at, label in marks),
        logs=(),
    )
