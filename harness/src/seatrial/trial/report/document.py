"""trial.json: what is in it. Its published schema, docs/trial.schema.json, is written from these types."""

import math
from collections.abc import Mapping
from datetime import UTC
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeFloat, NonNegativeInt

from seatrial.advice import Severity, page
from seatrial.logs import Log
from seatrial.text import visible
from seatrial.timeline import Event, Kind
from seatrial.traffic.exchange import Failure, Outcome
from seatrial.trial.report.standing import Standing, standing
from seatrial.trial.verdict import Breach, Finding, Mark, Record, Trial, Verdict

SCHEMA_ID = "urn:seatrial:trial:1"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
DIGITS = 4
"""Times are kept to a tenth of a millisecond: finer is noise."""

Wall = Annotated[AwareDatetime, AfterValidator(lambda wall: wall.astimezone(UTC))]
"""A moment by the wall's clock, in UTC: reports of two machines can be laid side by side."""


class _Part(BaseModel):
    """What all parts have in common: they do not change, and have no field that the schema does not name."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False, serialize_by_alias=True
    )


class BreachDocument(_Part):
    """One place where the YAML breaks a claim."""

    object: str
    """Its kind, namespace and name."""
    where: str
    """What of it."""
    text: str
    """Why it is broken there."""
    file: str | None = None
    """The file that it is written in, where that is known."""
    line: int | None = None
    """The line of that file, from 1 on."""
    exempt: str | None = None
    """Why the object's owner has excused it."""

    @classmethod
    def of(cls, breach: Breach) -> Self:
        """Return a breach as it is published."""
        return cls(
            object=visible(breach.object),
            where=visible(breach.where),
            text=visible(breach.text),
            file=None if breach.file is None else visible(breach.file),
            line=breach.line,
            exempt=None if breach.exempt is None else visible(breach.exempt),
        )


class ClaimDocument(_Part):
    """A claim, and what became of it."""

    id: Annotated[str, Field(min_length=1)]
    """Stable from release to release."""
    sentence: str
    """What a good deployment does."""
    static: bool
    """Whether the YAML alone tells."""
    verdict: Verdict
    """What became of it. What could not be told is never called held."""
    evidence: tuple[str, ...]
    """Why, one fact an entry."""
    figures: dict[str, float | None]
    """The evidence's numbers, units in their names; null where one is infinite or not a number."""
    scenario: str | None
    """The scenario that it was seen in."""
    exempt: str | None
    """Why its owner has excused it: it does not make the trial fail then."""
    breaches: tuple[BreachDocument, ...] = ()
    """Where the YAML breaks it."""
    severity: Severity | None = None
    """What it does to a service where it is broken."""
    remedy: str | None = None
    """How to mend it, in a sentence."""
    page: str | None = None
    """Where more is said about it."""

    @classmethod
    def of(cls, found: Finding) -> Self:
        """Return a finding as it is published."""
        said = found.claim.advice
        return cls(
            id=visible(found.claim.id),
            sentence=visible(found.claim.sentence),
            static=found.claim.static,
            verdict=found.verdict,
            evidence=tuple(visible(line) for line in found.evidence),
            figures=_figures(found.figures),
            scenario=None if found.scenario is None else visible(found.scenario),
            exempt=None if found.exempt is None else visible(found.exempt),
            breaches=tuple(map(BreachDocument.of, found.breaches)),
            severity=said.severity if said else None,
            remedy=said.remedy if said else None,
            page=page(found.claim.id) if said else None,
        )

    @property
    def standing(self) -> Standing:
        """What a reader counts it as."""
        return standing(self.verdict, self.exempt)


class EventDocument(_Part):
    """One thing that happened to a pod or a container."""

    at: float
    """Seconds since the scenario began."""
    wall: Wall
    """The same moment by the wall's clock."""
    kind: Kind
    """What happened."""
    subject: str
    """A pod, a container, or `container/probe`."""
    detail: str
    """A status, an exit code, a signal or a message, as the kind has it, for people."""
    exit_code: int | None = None
    """Of a container that has ended."""
    reason: str = ""
    """Why, in the API's word, where it has one: `OOMKilled`."""

    @classmethod
    def of(cls, event: Event, began: float) -> Self:
        """Return an event as it is published."""
        return cls(
            at=round(event.at - began, DIGITS),
            wall=event.wall,
            kind=event.kind,
            subject=visible(event.subject),
            detail=visible(event.detail),
            exit_code=event.exit_code,
            reason=visible(event.reason),
        )


class LogDocument(_Part):
    """What one container wrote."""

    pod: str = ""
    """The pod's name, where the workload has several."""
    container: str
    """The container's name."""
    note: str = ""
    """Which run of the container wrote it."""
    text: str
    """All that was kept of it."""

    @classmethod
    def of(cls, log: Log) -> Self:
        """Return a log as it is published."""
        return cls(
            pod=visible(log.pod), container=visible(log.container), note=visible(log.note), text=visible(log.text)
        )

    def __str__(self) -> str:
        """Return it under a headline, for people."""
        return str(Log(self.container, self.text, self.pod, self.note))


class RequestDocument(_Part):
    """One request; what is as it mostly is (no failure, a new connection, kept open) is left out."""

    client: str
    """The way of sending: `keep-alive`, `new-connection`, ..."""
    sent: float
    """Seconds since the scenario began."""
    seconds: NonNegativeFloat
    """From sending to the answer's last byte, or to the failure."""
    status: Annotated[int, Field(ge=100, le=999)] | None = None
    """Of the answer, if there was a whole one."""
    failure: Failure | None = None
    """How it failed, if it did."""
    reused: bool = False
    """Whether an earlier request had been answered on the same connection."""
    closing: bool = False
    """Whether the answer said `Connection: close`."""
    detail: str = ""
    """The failure's own words."""

    @classmethod
    def of(cls, outcome: Outcome, began: float) -> Self:
        """Return a request as it is published."""
        return cls(
            client=visible(outcome.client),
            sent=round(outcome.sent_at - began, DIGITS),
            seconds=round(max(outcome.ended_at - outcome.sent_at, 0.0), DIGITS),
            status=outcome.status,
            failure=outcome.failure,
            reused=outcome.reused,
            closing=outcome.closing,
            detail=visible(outcome.detail),
        )


class MarkDocument(_Part):
    """A moment of a scenario at which something was done."""

    at: float
    """Seconds since the scenario began."""
    label: str
    """What was done."""

    @classmethod
    def of(cls, mark: Mark, began: float) -> Self:
        """Return a mark as it is published."""
        return cls(at=round(mark.at - began, DIGITS), label=visible(mark.label))


class ScenarioDocument(_Part):
    """What happened in one scenario, in the order in which it was noted."""

    scenario: Annotated[str, Field(min_length=1)]
    """Its name, by which claims refer to it."""
    sentence: str
    """What was done."""
    wall: Wall
    """When it began: second 0 of all its times."""
    seconds: NonNegativeFloat
    """How long it took."""
    events: tuple[EventDocument, ...]
    """What happened to the pods and their containers."""
    requests: tuple[RequestDocument, ...]
    """Every request that was sent."""
    marks: tuple[MarkDocument, ...]
    """What the scenario did."""
    logs: tuple[LogDocument, ...]
    """What the containers wrote."""

    @classmethod
    def of(cls, record: Record) -> Self:
        """Return a record as it is published."""
        return cls(
            scenario=visible(record.scenario),
            sentence=visible(record.sentence),
            wall=record.wall,
            seconds=round(max(record.ended - record.began, 0.0), DIGITS),
            events=tuple(EventDocument.of(event, record.began) for event in record.events),
            requests=tuple(RequestDocument.of(outcome, record.began) for outcome in record.requests),
            marks=tuple(MarkDocument.of(mark, record.began) for mark in record.marks),
            logs=tuple(map(LogDocument.of, record.logs)),
        )


class Document(_Part):
    """The result of a trial: what a deployment promised, what it kept, and how that is known."""

    schema_id: Annotated[Literal["urn:seatrial:trial:1"], Field(alias="$schema")]
    """The schema that the document keeps to."""
    source: str
    """What was tried: an overlay's directory, or a file."""
    runtime: str
    """What played it."""
    wall: Wall
    """When the trial began."""
    seconds: NonNegativeFloat
    """How long it took."""
    counts: Annotated[dict[Standing, NonNegativeInt], Field(min_length=len(Standing))]
    """How many claims stand how; each is counted once, and as exempt if it is excused for being broken or not run."""
    versions: dict[str, str]
    """Of everything that took part."""
    calibration: dict[str, float | None]
    """How busy the machine was, units in the names."""
    claims: tuple[ClaimDocument, ...]
    """Every claim, once or once a scenario."""
    scenarios: tuple[ScenarioDocument, ...]
    """What was done to find it out."""

    @classmethod
    def of(cls, trial: Trial) -> Self:
        """Return a trial as it is published: times relative, text safe to show."""
        claims = tuple(ClaimDocument.of(found) for found in trial.findings)
        return cls.model_validate(
            {
                "$schema": SCHEMA_ID,
                "source": visible(trial.source),
                "runtime": visible(trial.runtime),
                "wall": trial.wall,
                "seconds": round(trial.seconds, DIGITS),
                "counts": {each: sum(claim.standing is each for claim in claims) for each in Standing},
                "versions": {visible(name): visible(version) for name, version in trial.versions.items()},
                "calibration": _figures(trial.calibration),
                "claims": claims,
                "scenarios": tuple(ScenarioDocument.of(record) for record in trial.records),
            }
        )

    def json_text(self) -> str:
        """Return it as one line of JSON: the requests are thousands."""
        return self.model_dump_json(exclude_defaults=True) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the document."""
    found = Document.model_json_schema()
    return {"$schema": DIALECT, "$id": SCHEMA_ID, **found, "title": "The result of a trial"}


def _figures(figures: Mapping[str, float]) -> dict[str, float | None]:
    return {visible(name): value if math.isfinite(value) else None for name, value in figures.items()}
