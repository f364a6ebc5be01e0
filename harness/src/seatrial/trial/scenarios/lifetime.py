"""A whole life: it starts, is idle, is loaded, and is terminated under load."""

import asyncio
import time
from contextlib import suppress
from typing import Any

from seatrial.errors import LimitExceededError, PlayError
from seatrial.timeline import Kind
from seatrial.traffic.clients import Traffic
from seatrial.trial import bad_input
from seatrial.trial import load as loading
from seatrial.trial.balancer import notice_seconds
from seatrial.trial.claims import bad_input as bad_input_claims
from seatrial.trial.claims import load as load_claims
from seatrial.trial.claims import security, sigterm_under_load, start
from seatrial.trial.inside import look, measured_memory, secret_values
from seatrial.trial.scenario import Scenario
from seatrial.trial.scenarios.under_load import terminate
from seatrial.trial.seen import Lifetime
from seatrial.trial.stage import Played, Stage, start_seconds
from seatrial.trial.subject import Subject
from seatrial.trial.termination import end
from seatrial.trial.window import Window

FIRST_SECONDS = 2.0
AFTER_SECONDS = 1.0
OBSERVED_SECONDS = 10.0
LOADED_SECONDS, LOADED_SECONDS_AT_MOST = 8.0, 30.0


async def run(stage: Stage) -> Lifetime:
    """Live through it; what it does not come to is None."""
    try:
        return await _run(stage)
    except PlayError as error:
        if not error.exit_codes:  # podman's own fault, or the harness's: nothing is known of the subject
            raise
        return Lifetime(*stage.so_far(), failed_to_play=str(error))


async def _run(stage: Stage) -> Lifetime:
    async with stage.deployed() as played:
        ready_at = await stage.until_ready(played)
        running = stage.timeline.first(Kind.RUNNING, played.subject.container.name)
        facts: dict[str, Any] = {"running_at": running.at if running else None, "ready_at": ready_at}
        if ready_at is not None:
            with suppress(LimitExceededError):  # what it does not come to is told by what it came to
                await _alive(stage, played, facts)
        facts["secrets"] = secret_values(played.deployment.objects)
    return Lifetime(*stage.so_far(), **facts)


async def _alive(stage: Stage, played: Played, facts: dict[str, Any]) -> None:
    facts["load"] = load = await loading.find(played)
    if load:
        facts["first"] = await first_requests(stage, played, load, facts["ready_at"])
    facts["idle"] = await _idle(stage, played)
    if load:
        async with measured_memory(played) as memory:
            facts["loaded"] = await _loaded(stage, played, load)
        facts["memory_samples"] = tuple(memory.samples)
        if await stage.until_ready(played) is not None:  # again, if load has ended it: bad input is not to blame
            facts |= await _abused(stage, played, load)
    if await stage.until_ready(played) is not None:  # again, if bad input has ended it
        facts["inside"] = await look(played)
    facts["ended"] = await (terminate(stage, played, load) if load else end(stage, played.pod, "deleted"))


async def first_requests(stage: Stage, played: Played, load: loading.Load, ready_at: float) -> Window:
    """Send the first requests; the very first may have been sent to find out what to send."""
    stage.requests += [load.looked] if load.looked else []
    stage.mark("first requests")
    async with Traffic(played.port, loading.fresh(load)[:1]) as traffic:
        await asyncio.sleep(FIRST_SECONDS)
    stage.requests += traffic.outcomes
    return Window(ready_at, time.monotonic())


async def _idle(stage: Stage, played: Played) -> Window:
    began = stage.mark("idle")
    await asyncio.sleep(idle_seconds(played.subject))
    return Window(began, time.monotonic())


def idle_seconds(subject: Subject) -> float:
    """Return for how long it is left alone: shorter, and readiness could not fail often enough to count."""
    readiness = subject.container.readiness
    if readiness is None:
        return OBSERVED_SECONDS
    return min((readiness.failure_threshold + 1) * readiness.period_seconds, OBSERVED_SECONDS)


async def _loaded(stage: Stage, played: Played, load: loading.Load) -> Window:
    began, never = stage.mark("load"), asyncio.Event()
    clients = [loading.Established(lambda: load.quick, loading.KEEP_ALIVE_RATE, never), *loading.fresh(load)]
    async with Traffic(played.port, clients) as traffic:
        await asyncio.sleep(_loaded_seconds(played.subject))
    stage.requests += traffic.outcomes
    return Window(began, stage.mark("load ends"))


def _loaded_seconds(subject: Subject) -> float:
    """Return for how long it is loaded: long enough for an attempt of readiness to be made and to fail."""
    readiness = subject.container.readiness
    asked = readiness.period_seconds + readiness.timeout_seconds if readiness else 0.0
    return min(max(LOADED_SECONDS, asked), LOADED_SECONDS_AT_MOST)


async def _abused(stage: Stage, played: Played, load: loading.Load) -> dict[str, Any]:
    began = stage.mark("bad input")
    sent = await bad_input.send(played.port)
    readiness = played.subject.container.readiness
    if readiness:  # so that what it did to readiness is seen
        await asyncio.sleep(min(readiness.period_seconds + readiness.timeout_seconds, OBSERVED_SECONDS))
    after = stage.mark("good requests")
    async with Traffic(played.port, loading.fresh(load)[:1]) as traffic:
        await asyncio.sleep(AFTER_SECONDS)
    stage.requests += traffic.outcomes
    ended = time.monotonic()
    return {"abused": Window(began, ended), "after_abuse": Window(after, ended), "abuses": sent}


def _seconds(subject: Subject) -> float:
    return (
        start_seconds(subject)
        + 2 * OBSERVED_SECONDS
        + _loaded_seconds(subject)
        + notice_seconds(subject.container)
        + 10.0
    )


LIFETIME = Scenario(
    name="lifetime",
    sentence="It starts, is idle, is loaded, and is terminated under load.",
    run=run,
    claims=(
        *start.CLAIMS,
        *load_claims.CLAIMS,
        *bad_input_claims.CLAIMS,
        *security.CLAIMS,
        *sigterm_under_load.CLAIMS,
    ),
    seconds=_seconds,
    loud=True,
)
