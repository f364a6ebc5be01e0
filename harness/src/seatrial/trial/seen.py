"""What scenarios saw, and the questions that more than one claim asks of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from seatrial.logs import lines
from seatrial.timeline import Event, Kind
from seatrial.traffic.exchange import Outcome
from seatrial.trial.inside import Inside
from seatrial.trial.judgement import Judgement, broken, held, not_applicable, not_run
from seatrial.trial.load import Load, lost
from seatrial.trial.machine import Machine
from seatrial.trial.stage import ready_budget_seconds
from seatrial.trial.subject import Subject
from seatrial.trial.termination import Ended
from seatrial.trial.verdict import Record
from seatrial.trial.window import Window


@dataclass(frozen=True)
class Seen:
    """What every scenario sees."""

    subject: Subject
    machine: Machine
    record: Record

    @property
    def pod_events(self) -> Sequence[Event]:
        """What happened to the subject's own pod, and not to what it depends on."""
        names = {container.name for container in self.subject.template.containers}
        pod = re.compile(rf"{re.escape(self.subject.name)}-[0-9a-f]{{8}}(-pod)?")
        return [
            event
            for event in self.record.events
            if event.subject.partition("/")[0] in names or pod.fullmatch(event.subject)
        ]

    def events(self, *kinds: Kind, window: Window | None = None) -> list[Event]:
        """Return the subject's events of some kinds, all or those in a window."""
        return [
            event
            for event in self.pod_events
            if event.kind in kinds and (window is None or window.began <= event.at <= window.ended)
        ]

    def requests(self, window: Window) -> list[Outcome]:
        """Return what was sent in a window."""
        return [each for each in self.record.requests if window.began <= each.sent_at <= window.ended]

    @staticmethod
    def lost(outcome: Outcome) -> bool:
        """Tell whether a request was not answered."""
        return lost(outcome)

    def last_failure(self) -> Event | None:
        """Return the last attempt of a probe that failed."""
        return next(reversed(self.events(Kind.ATTEMPT_FAILED)), None)

    def stays_ready(self, window: Window) -> Judgement:
        """Judge that the pod is ready all through a window, from its very beginning, and is not restarted."""
        states = (e for e in self.events(Kind.READY, Kind.NOT_READY, Kind.EXITED) if e.at <= window.began)
        last = {event.subject: event for event in states}
        fell = [
            *(event for event in last.values() if event.kind is not Kind.READY),
            *self.events(Kind.NOT_READY, Kind.EXITED, Kind.UNHEALTHY, window=window),
        ]
        failed = self.events(Kind.ATTEMPT_FAILED, window=window)
        evidence = [f"{event.subject}: {event.kind}: {event.detail}" for event in [*fell, *failed][:3]]
        seconds = window.ended - window.began
        if fell:
            return broken(*evidence, not_ready=len(fell))
        if never := self.never_succeeded(window):
            return broken(
                f"{', '.join(never)}: each attempt failed in {seconds:.1f} s", *evidence, failed_attempts=len(failed)
            )
        said = f"ready for {seconds:.1f} s; {len(failed)} attempts of probes failed, none often enough to count"
        return held(said, *evidence, seconds=seconds, failed_attempts=len(failed))

    def never_succeeded(self, window: Window) -> list[str]:
        """Return the probes of which each attempt failed in a window: of a slow one it has too few to count."""
        failed, succeeded = (
            {event.subject for event in self.events(kind, window=window)}
            for kind in (Kind.ATTEMPT_FAILED, Kind.ATTEMPT_SUCCEEDED)
        )
        return sorted(failed - succeeded)


@dataclass(frozen=True, kw_only=True)
class Lifetime(Seen):
    """A whole life: start, idle, load, termination under load; None is what it did not come to."""

    failed_to_play: str | None = None
    running_at: float | None = None
    ready_at: float | None = None
    load: Load | None = None
    first: Window | None = None
    idle: Window | None = None
    loaded: Window | None = None
    memory_samples: tuple[int, ...] = ()
    abused: Window | None = None
    after_abuse: Window | None = None
    abuses: int = 0
    inside: Inside | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    ended: Ended | None = None

    @property
    def ready_budget_seconds(self) -> float | None:
        """How long the probes let it take."""
        return ready_budget_seconds(self.subject)

    def untried(self) -> Judgement:
        """Return why there was no traffic: never ready, no HTTP, or something before it went wrong."""
        if self.ready_at is None:
            return not_run("it was never ready")
        return not_run("it did not come to that") if self.load else not_applicable("it serves no HTTP")

    @property
    def keeps_alive(self) -> bool:
        """Whether any connection was used more than once before the end."""
        return any(each.reused for each in self.record.requests if self.ended and each.sent_at < self.ended.deleted_at)

    @property
    def log_lines(self) -> list[str]:
        """What the container that serves has logged, but for empty lines."""
        return lines(self.record.logs, {self.subject.container.name})


@dataclass(frozen=True)
class Recovered:
    """What followed a fault: `seconds` until it was mended, None if never; `served` is when requests were sent then.

    `window` is all the time that it was looked at.
    """

    window: Window
    seconds: float | None
    limit_seconds: float
    restarts: int
    served: Window | None


@dataclass(frozen=True, kw_only=True)
class Recovery(Seen):
    """What followed the end, or the stop, of processes; `workers` listened, `untold` says why not all was done."""

    ready: bool = False
    untold: str = ""
    workers: int = 0
    worker: Recovered | None = None
    blocked: Recovered | None = None
    main: Recovered | None = None


@dataclass(frozen=True)
class Reached:
    """A memory limit that was reached, and which processes were gone then; `exits` are the container's.

    With the main process all others go; with `together`, all were killed as soon as the kernel had killed one.
    """

    limit_bytes: int
    processes: int
    killed: tuple[str, ...]
    together: bool
    exits: tuple[str, ...]
    recovered: Recovered


@dataclass(frozen=True, kw_only=True)
class AtLimit(Seen):
    """What followed each time that the memory limit was reached; `untold` says why it was not."""

    ready: bool = False
    refused: bool = False
    untold: str = ""
    reached: tuple[Reached, ...] = ()


SLOW, CUT_OFF = "slow", "cut off"
FAULTS = (SLOW, "stopped", "frozen", CUT_OFF)
"""What can happen to a dependency; `frozen` leaves its connections open, `cut off` loses what is sent to it."""


@dataclass(frozen=True, kw_only=True)
class Outage:
    """One outage of one dependency; None is what never came, `began` and `ended` are of time.monotonic().

    `promptly` says that an attempt of readiness failed at once in it.
    """

    dependency: str
    fault: str
    began: float
    ended: float
    not_ready_seconds: float | None
    recovered_seconds: float | None
    recovery_limit_seconds: float
    liveness_succeeded: int
    liveness_failed: int
    restarts: int
    promptly: bool = False

    @property
    def noticed(self) -> Window:
        """From its beginning until it was not ready, or until its end."""
        return Window(self.began, self.ended if self.not_ready_seconds is None else self.began + self.not_ready_seconds)

    @property
    def window(self) -> Window:
        """From its beginning to the recovery, or until that was waited for no more."""
        recovered = self.recovered_seconds
        return Window(self.began, self.ended + (self.recovery_limit_seconds if recovered is None else recovered))


@dataclass(frozen=True, kw_only=True)
class Outages(Seen):
    """Outages, one after the other, and how the subject ended in the last one."""

    ready: bool = False
    outages: tuple[Outage, ...] = ()
    ended: Ended | None = None
