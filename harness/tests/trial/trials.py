"""A trial made by hand, small and whole: one termination under load, well or badly served, and claims of every kind."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from seatrial.logs import Log
from seatrial.timeline import Event, Kind
from seatrial.traffic.exchange import Failure, Outcome
from seatrial.trial.verdict import Claim, Finding, Mark, Record, Trial, Verdict

BEGAN = 5000.0
WALL = datetime(2026, 3, 1, 3, 0, 0, tzinfo=UTC)
READY, SIGTERM, EXIT, ENDED = 6.0, 20.0, 32.5, 36.0
DOWN = 10.5  # seconds after the signal at which the listener of the bad one is closed
SCENARIO = "sigterm under load"

NO_REQUEST_FAILS = Claim("sigterm.no-request-fails", "No request fails while the pod terminates under load.")
EXITS_CLEANLY = Claim("sigterm.exits-cleanly", "It exits with code 0, within its grace period.")
SURVIVES_RESTART = Claim("data.survives-restart", "Data survives a restart.")
BUDGET = Claim("static.termination-budget", "What ends the pod fits its grace period.", static=True)


def event(at: float, kind: Kind, subject: str, detail: str = "") -> Event:
    """Return an event so many seconds after the beginning."""
    return Event(BEGAN + at, WALL + timedelta(seconds=at), kind, subject, detail)


def outcome(sent: float, seconds: float = 0.004, failure: Failure | None = None, status: int | None = 200) -> Outcome:
    """Return a request so many seconds after the beginning; it has no status if it failed."""
    return Outcome(
        "keep-alive",
        BEGAN + sent,
        BEGAN + sent + seconds,
        status=None if failure else status,
        failure=failure,
        detail=f"{failure}: by hand" if failure else "",
    )


def record(*, lost: bool = False, rate: float = 200.0) -> Record:
    """Return a termination under load; a bad server refuses what comes in the last 2 s."""
    chance = random.Random(1)  # noqa: S311 - the same latencies each time
    requests = []
    for number in range(int((SIGTERM + 12 - READY) * rate)):
        sent = READY + number / rate
        refused = lost and sent > SIGTERM + DOWN
        seconds = 0.0006 if refused else chance.lognormvariate(-5.5, 0.5)
        requests.append(outcome(sent, seconds, Failure.REFUSED if refused else None))
    return Record(
        scenario=SCENARIO,
        sentence="SIGTERM while 200 requests/s come, until a load balancer would have noticed.",
        began=BEGAN,
        ended=BEGAN + ENDED,
        wall=WALL,
        events=tuple(events()),
        requests=tuple(requests),
        marks=(Mark(BEGAN + READY, "traffic begins"), Mark(BEGAN + SIGTERM, "SIGTERM")),
        logs=(Log("web", '{"event": "terminating", "level": "info"}\n'),),
    )


def events() -> Iterator[Event]:
    """Yield what a kubelet sees of it."""
    yield event(1.5, Kind.PLAYED, "web-pod")
    yield event(2.0, Kind.RUNNING, "web")
    yield from (event(at, Kind.ATTEMPT_FAILED, "web/startup", "status 503 (0.002 s)") for at in (2.1, 3.1, 4.1))
    yield event(5.1, Kind.ATTEMPT_SUCCEEDED, "web/startup", "status 200 (0.002 s)")
    yield event(5.1, Kind.STARTED, "web")
    yield event(5.2, Kind.READY, "web")
    yield event(5.2, Kind.READY, "web-pod")
    for at in range(6, 32, 2):
        kind = Kind.ATTEMPT_SUCCEEDED if at <= SIGTERM else Kind.ATTEMPT_FAILED
        yield event(at, kind, "web/readiness", "status 200" if at <= SIGTERM else "status 503: draining")
        if at % 5 == 0 and at <= SIGTERM:
            yield event(at, Kind.ATTEMPT_SUCCEEDED, "web/liveness", "status 200")
        if at == SIGTERM:
            yield event(SIGTERM, Kind.DELETED, "web-pod", "grace period 35 s")
            yield event(SIGTERM, Kind.SIGNALLED, "web", "SIGTERM")
        if at == SIGTERM + 6:
            yield event(at, Kind.NOT_READY, "web")
            yield event(at, Kind.NOT_READY, "web-pod")
    yield event(EXIT, Kind.TERMINATED, "web", "exit code 0 after 12.50 s")
    yield event(EXIT, Kind.EXITED, "web", "exit code 0")
    yield event(35.9, Kind.DOWN, "web-pod")


def trial(*findings: Finding, records: tuple[Record, ...] = (), versions: Mapping[str, str] | None = None) -> Trial:
    """Return a trial of these findings, by default one of each verdict that a scenario is there for."""
    return Trial(
        source="overlays/web",
        runtime="podman",
        wall=WALL,
        seconds=41.25,
        versions=versions or {"podman": "5.4.2", "seatrial": "0.1.0"},
        calibration={"sleep_late_seconds": 0.0021, "spin_seconds": 0.31},
        findings=findings or ALL,
        records=records or (record(),),
    )


def bad() -> Trial:
    """Return a trial with findings of every standing, the first of them broken."""
    broken = Finding(
        NO_REQUEST_FAILS,
        Verdict.BROKEN,
        (
            "299 of 5,200 requests were refused, the first 10.5 s after SIGTERM: the listener was closed.",
            "A load balancer stops sending after 3 x 2 s + 1 s = 7 s; until then they come.",
        ),
        {"requests": 5200, "lost": 299, "first_lost_seconds": 10.505},
        scenario=SCENARIO,
    )
    not_run = Finding(SURVIVES_RESTART, Verdict.NOT_RUN, ("The machine was too busy to tell.",))
    exempt = replace(HELD[1], verdict=Verdict.BROKEN, exempt="legacy, until the next release")
    return trial(broken, HELD[0], not_run, exempt, ALL[2], records=(record(lost=True),))


HELD = (
    Finding(EXITS_CLEANLY, Verdict.HELD, ("Exit code 0 after 12.5 s of 35 s.",), {"seconds": 12.5}, scenario=SCENARIO),
    Finding(
        BUDGET, Verdict.HELD, ("lame duck 10 + linger 2 + drain 10 + clean-up 5 + margin 5 = 32 <= 35",), {"needed": 32}
    ),
)
ALL = (
    *HELD,
    Finding(SURVIVES_RESTART, Verdict.NOT_APPLICABLE, ("There is no PersistentVolumeClaim.",)),
)
