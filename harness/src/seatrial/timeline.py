"""What happened, in order: events with the time since the run began, for tests to ask and for failures to print."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from textwrap import shorten

DETAIL_CHARACTERS = 200
OUT_OF_MEMORY = "OOMKilled"
"""The reason of an exit by the kernel, for want of memory, as a pod's status gives it."""


class Kind(StrEnum):
    """What can happen to a pod or to one of its containers."""

    PLAYED = "played"
    RUNNING = "running"
    ATTEMPT_SUCCEEDED = "attempt succeeded"
    ATTEMPT_FAILED = "attempt failed"
    HOOK = "hook"
    HOOK_FAILED = "hook failed"
    STARTED = "started"
    READY = "ready"
    NOT_READY = "not ready"
    UNHEALTHY = "unhealthy"
    EXITED = "exited"
    BACK_OFF = "back-off"
    START_FAILED = "start failed"
    DELETED = "deleted"
    SIGNALLED = "signalled"
    TERMINATED = "terminated"
    DOWN = "down"
    # What only a cluster has.
    APPLIED = "applied"
    SKIPPED = "skipped"
    CONDITION = "condition"
    IN_SERVICE = "in service"
    OUT_OF_SERVICE = "out of service"
    EVENT = "event"


@dataclass(frozen=True)
class Event:
    """One thing that happened: `at` is time.monotonic(), `subject` a pod, a container or `container/probe`.

    `detail` is for people. `seconds` is how long it has taken by then, of what takes time: an attempt of a probe.
    `exit_code` is that of what has ended, `reason` the API's word for why, `workload` the name of what made a pod.
    """

    at: float
    wall: datetime
    kind: Kind
    subject: str
    detail: str
    seconds: float = 0.0
    exit_code: int | None = None
    reason: str = ""
    workload: str = ""


@dataclass
class Timeline:
    """An append-only list of events; `began` is the time.monotonic() that its rendering counts from."""

    began: float = field(default_factory=time.monotonic)
    events: list[Event] = field(default_factory=list)

    def record(
        self,
        kind: Kind,
        subject: str,
        detail: str = "",
        *,
        seconds: float = 0.0,
        exit_code: int | None = None,
        reason: str = "",
        workload: str = "",
    ) -> Event:
        """Append an event of this moment."""
        now = datetime.now(UTC)
        event = Event(time.monotonic(), now, kind, subject, detail, seconds, exit_code, reason, workload)
        self.events.append(event)
        return event

    def of(
        self, *kinds: Kind, subject: str | None = None, since: float = 0.0, until: float = float("inf")
    ) -> list[Event]:
        """Return the events of these kinds, of one subject or any, with `since <= at <= until`."""
        return [
            event
            for event in self.events
            if event.kind in kinds and subject in (None, event.subject) and since <= event.at <= until
        ]

    def first(self, kind: Kind, subject: str | None = None, since: float = 0.0) -> Event | None:
        """Return the first event of a kind, or None."""
        return next(iter(self.of(kind, subject=subject, since=since)), None)

    def last(self, kind: Kind, subject: str | None = None) -> Event | None:
        """Return the last event of a kind, or None."""
        return next(reversed(self.of(kind, subject=subject)), None)

    def trajectory(self, subject: str, *kinds: Kind) -> list[Kind]:
        """Return the kinds of one subject's events in order, only the given ones when any is given."""
        return [event.kind for event in self.events if event.subject == subject and (not kinds or event.kind in kinds)]

    def __str__(self) -> str:
        """Return one line an event: wall time, seconds since the beginning, kind, subject, detail."""
        return "\n".join(
            f"{event.wall:%H:%M:%S.%f} {event.at - self.began:+9.3f}s  {event.kind:<17}  {event.subject}"
            + (f"  {shorten(event.detail, DETAIL_CHARACTERS)}" if event.detail else "")
            for event in self.events
        )
