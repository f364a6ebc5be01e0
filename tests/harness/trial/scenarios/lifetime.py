"""A whole life: it starts, is idle, is loaded, and is terminated under load."""

import asyncio
import time

from tests.harness.errors import PlayError
from tests.harness.timeline import Kind
from tests.harness.traffic import Traffic
from tests.harness.trial import load as loading
from tests.harness.trial.balancer import notice_seconds
from tests.harness.trial.claims import sigterm_under_load, start
from tests.harness.trial.claims.ending import ending
from tests.harness.trial.scenario import Scenario
from tests.harness.trial.seen import Lifetime, Window
from tests.harness.trial.stage import Played, Stage, ready_budget_seconds
from tests.harness.trial.subject import Subject
from tests.harness.trial.termination import Ended, end

FIRST_SECONDS = 2.0
LOADED_SECONDS = 8.0
WARM_UP_REQUESTS = 100
WARM_UP_LIMIT_SECONDS = 30.0


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
        running_at = running.at if running else None
        if ready_at is None:
            return Lifetime(*stage.so_far(), running_at=running_at)
        load = await loading.find(played)
        first = await _first(stage, played, load) if load else None
        idle = await _idle(stage, played)
        loaded = await _loaded(stage, played, load) if load else None
        ended = await _ended(stage, played, load)
    return Lifetime(
        *stage.so_far(),
        running_at=running_at,
        ready_at=ready_at,
        load=load,
        first=first,
        idle=idle,
        loaded=loaded,
        ended=ended,
    )


async def _first(stage: Stage, played: Played, load: loading.Load) -> Window:
    began = stage.mark("first requests")
    async with Traffic(played.port, loading.fresh(load)[:1]) as traffic:
        await asyncio.sleep(FIRST_SECONDS)
    stage.requests += traffic.outcomes
    return Window(began, time.monotonic())


async def _idle(stage: Stage, played: Played) -> Window:
    readiness = played.subject.container.readiness
    began = stage.mark("idle")
    await asyncio.sleep(min(2 * readiness.period_seconds if readiness else 0.0, 10.0))
    return Window(began, time.monotonic())


async def _loaded(stage: Stage, played: Played, load: loading.Load) -> Window:
    began, never = stage.mark("load"), asyncio.Event()
    clients = [loading.Established(lambda: load.quick, loading.KEEP_ALIVE_RATE, never), *loading.fresh(load)]
    async with Traffic(played.port, clients) as traffic:
        await asyncio.sleep(LOADED_SECONDS)
    stage.requests += traffic.outcomes
    return Window(began, stage.mark("load ends"))


async def _ended(stage: Stage, played: Played, load: loading.Load | None) -> Ended:
    if load is None:
        return await end(stage, played.pod, "deleted")
    noticed, late = asyncio.Event(), asyncio.Event()
    established = loading.Established(lambda: load.quick, loading.KEEP_ALIVE_RATE, noticed)
    kept = Traffic(played.port, [established, loading.Late(lambda: load.quick, late)])
    new = Traffic(played.port, loading.fresh(load))
    try:
        async with kept, new, asyncio.TaskGroup() as group:
            await played.pod.until(
                lambda: len(kept.outcomes) >= WARM_UP_REQUESTS, WARM_UP_LIMIT_SECONDS, "requests are answered"
            )
            terminating = group.create_task(end(stage, played.pod, "deleted under load"))
            await asyncio.sleep(0.9 * notice_seconds(played.subject.container))
            late.set()
            await asyncio.sleep(0.1 * notice_seconds(played.subject.container))
            stage.mark("load balancers have noticed")
            noticed.set()
            await new.stop()
            ended = await terminating
    finally:
        stage.requests += [*kept.outcomes, *new.outcomes]
    return ended


def _seconds(subject: Subject) -> float:
    start_seconds = min(ready_budget_seconds(subject) or 30.0, 30.0)
    return 10.0 + start_seconds + FIRST_SECONDS + LOADED_SECONDS + notice_seconds(subject.container) + 10.0


LIFETIME = Scenario(
    name="lifetime",
    sentence="It starts, is idle, is loaded, and is terminated under load.",
    run=run,
    claims=(
        start.ready_in_time,
        start.serves_when_ready,
        start.no_flapping,
        sigterm_under_load.no_request_lost,
        sigterm_under_load.readiness_fails,
        *ending("sigterm.loaded", "under load", lambda seen: seen.ended),
    ),
    seconds=_seconds,
    loud=True,
)
