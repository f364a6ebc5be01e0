"""What a trial finds: claims, what became of each, and the record of what was done to find it out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from seatrial.advice import Advice, advice
from seatrial.logs import Logs
from seatrial.timeline import Event
from seatrial.traffic.exchange import Outcome


class Verdict(StrEnum):
    """What became of a claim. What could not be told is never called held.

    What is not asked is about something else than what was tried: a runtime that it is not for.
    """

    HELD = "held"
    BROKEN = "broken"
    NOT_APPLICABLE = "not applicable"
    NOT_RUN = "not run"
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Claim:
    """What a good deployment does; `id` is stable, `sentence` is for people, `static` when the YAML alone tells."""

    id: str
    sentence: str
    static: bool = False

    @property
    def advice(self) -> Advice | None:
        """What is said to whom breaks it."""
        return advice(self.id)


@dataclass(frozen=True)
class Breach:
    """One place where the YAML breaks a claim: what messages call it, why it is broken, and where that was written.

    `object` is the kind, namespace and name of the object, `exempt` the reason for which its owner has excused it.
    """

    object: str
    where: str
    text: str
    file: str | None = None
    line: int | None = None
    exempt: str | None = None


@dataclass(frozen=True)
class Finding:
    """The verdict on one claim; `figures` are the numbers of the evidence, units in their names.

    `evidence` says why, one line a fact; `scenario` names the record that it was seen in; `exempt` has the reason when
    the claim's owner has excused it. What the YAML breaks has its `breaches`.
    """

    claim: Claim
    verdict: Verdict
    evidence: tuple[str, ...]
    figures: Mapping[str, float] = field(default_factory=dict)
    scenario: str | None = None
    exempt: str | None = None
    breaches: tuple[Breach, ...] = ()

    @property
    def fails(self) -> bool:
        """Whether it makes the trial fail: broken, and not excused."""
        return self.verdict is Verdict.BROKEN and not self.exempt


@dataclass(frozen=True)
class Mark:
    """A moment of a scenario that a reader looks for: what was done then. Time is of time.monotonic()."""

    at: float
    label: str


@dataclass(frozen=True)
class Record:
    """What happened in one scenario; times are of time.monotonic(), which read `began` when the wall read `wall`."""

    scenario: str
    sentence: str
    began: float
    ended: float
    wall: datetime
    events: tuple[Event, ...] = ()
    requests: tuple[Outcome, ...] = ()
    marks: tuple[Mark, ...] = ()
    logs: Logs = ()


@dataclass(frozen=True)
class Kept:
    """What is left up of a scenario of which a claim is broken, and the shell command that removes it."""

    scenario: str
    pods: tuple[str, ...]
    removal: str


@dataclass(frozen=True)
class Trial:
    """A whole trial.

    `versions` are of everything that took part, `calibration` says how busy the machine was, `kept` is what was left
    up to be looked at, and `unplayed` says why nothing was played.
    """

    source: str
    runtime: str
    wall: datetime
    seconds: float
    versions: Mapping[str, str]
    calibration: Mapping[str, float]
    findings: tuple[Finding, ...]
    records: tuple[Record, ...]
    kept: tuple[Kept, ...] = ()
    unplayed: str = ""

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The findings that make the trial fail: broken, and not excused."""
        return tuple(found for found in self.findings if found.fails)

    @property
    def not_run(self) -> tuple[Finding, ...]:
        """The findings that leave it unproven: what could not be told, and is not excused."""
        return tuple(found for found in self.findings if found.verdict is Verdict.NOT_RUN and not found.exempt)
