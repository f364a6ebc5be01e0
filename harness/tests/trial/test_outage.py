"""Whose liveness and restarts count in an outage, and when it counts as ready again after it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from harness.tests.trial.synthetic import event, objects, subject
from seatrial.timeline import Kind, Timeline
from seatrial.trial.configuration import Configuration
from seatrial.trial.machine import Machine
from seatrial.trial.scenarios.outage import asked, failed_promptly, suffer
from seatrial.trial.seen import Outage
from seatrial.trial.stage import Stage
from seatrial.trial.subject import find
from seatrial.trial.window import Window

BACK = 10.0
CONTAINER = subject().container


def timeline(*events: tuple[float, Kind, str]) -> Timeline:
    """Return one of these events."""
    return Timeline(events=[event(*each) for each in events])


def test_readiness_from_before_the_dependency_was_back_is_not_recovery() -> None:
    """One failed attempt is not enough to be called not ready: it may be about to be, for good."""
    stale = timeline(
        (BACK - 1, Kind.ATTEMPT_SUCCEEDED, "web/readiness"), (BACK + 1, Kind.ATTEMPT_FAILED, "web/readiness")
    )
    assert not asked(stale, CONTAINER, BACK)
    assert not asked(timeline((BACK + 1, Kind.ATTEMPT_SUCCEEDED, "web/liveness")), CONTAINER, BACK)
    assert asked(timeline((BACK + 1, Kind.ATTEMPT_SUCCEEDED, "web/readiness")), CONTAINER, BACK)


def test_what_has_no_readiness_probe_is_not_asked() -> None:
    """It is ready as long as it runs."""
    assert asked(timeline(), subject(readinessProbe=None).container, BACK)


@pytest.mark.parametrize(
    ("at", "of", "seconds", "told"),
    [
        (BACK, "web/readiness", 0.01, True),
        (BACK, "web/readiness", 0.5, False),
        (BACK - 2, "web/readiness", 0.01, False),
        (BACK, "web/liveness", 0.01, False),
    ],
)
def test_readiness_fails_at_once_in_an_outage(at: float, of: str, seconds: float, *, told: bool) -> None:
    """What took half of its timeout may have been late for want of a core; what failed before is not about it."""
    failed = replace(event(at, Kind.ATTEMPT_FAILED, of), seconds=seconds)
    assert failed_promptly(Timeline(events=[failed]), CONTAINER, Window(BACK - 1, BACK + 1)) is told


async def undergo(stage: Stage, happens: Callable[[Callable[[], bool]], None], **pod: Any) -> Outage:
    """Let something happen in an outage, and return what is found of it."""

    async def until(predicate: Callable[[], bool], _: float, reason: str) -> float:
        if reason == "it is noticed":
            happens(predicate)
        return 0.0

    @asynccontextmanager
    async def fault(*_: Any) -> AsyncIterator[None]:
        yield

    dependency: Any = SimpleNamespace(
        **{"name": "db", "template": stage.subject.template, "is_ready": lambda *_: False, "until": until, **pod}
    )
    played: Any = SimpleNamespace(pod=dependency, podman=None, deployment=SimpleNamespace(run="12345678"))
    return await suffer(stage, played, dependency, "stopped", fault)


async def test_containers_beside_the_one_that_serves_have_to_stay_live_too() -> None:
    """A proxy serves, and an app behind it asks the store; what the store itself does is the outage."""
    manifests = objects()
    containers = manifests[0]["spec"]["template"]["spec"]["containers"]
    containers += [{**containers[0], "name": name, "ports": []} for name in ("app", "store")]
    stage = Stage("outage", "", find(manifests, "x", Configuration(port=8080, dependencies=("store",))), Machine())
    restarts, told = dict.fromkeys(("web", "app", "store"), 0), []

    def probed(kind: Kind, of: str) -> None:
        stage.timeline.events.append(event(time.monotonic() + BACK, kind, of))

    def happens(predicate: Callable[[], bool]) -> None:
        probed(Kind.ATTEMPT_SUCCEEDED, "web/liveness")
        told.append(predicate())
        probed(Kind.ATTEMPT_FAILED, "app/liveness")
        probed(Kind.ATTEMPT_FAILED, "store/liveness")
        told.append(predicate())
        restarts.update(app=1, store=1)

    found = await undergo(stage, happens, restarts=restarts.get)
    assert told == [False, True], "until each has been asked"
    assert (found.liveness_failed, found.restarts) == (1, 1)


@pytest.mark.parametrize(("again", "noticed"), [(False, True), (True, False)])
async def test_what_is_ready_again_in_an_outage_had_not_noticed_it(*, again: bool, noticed: bool) -> None:
    """Its readiness asks nobody, and timed out once for want of a core."""
    stage = Stage("outage", "", find(objects(), "x", Configuration(port=8080)), Machine())

    def happens(_: object) -> None:
        stage.timeline.record(Kind.NOT_READY, "web")
        if again:
            stage.timeline.record(Kind.READY, "web")

    found = await undergo(stage, happens, restarts=lambda _: 0)
    assert (found.not_ready_seconds is not None) is noticed
