"""Processes are killed and stopped: a worker killed, a worker blocked, the main process killed."""

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from seatrial.errors import HarnessError, LimitExceededError
from seatrial.host.processes import Processes, send
from seatrial.kubelet.backoff import INITIAL_SECONDS
from seatrial.traffic.clients import Traffic
from seatrial.trial import load as loading
from seatrial.trial.claims import recovery as claims
from seatrial.trial.inside import processes
from seatrial.trial.probing import detection_seconds
from seatrial.trial.scenario import Scenario
from seatrial.trial.seen import Recovered, Recovery
from seatrial.trial.stage import UNPROMISED_SECONDS, Played, Stage, ready_budget_seconds, start_seconds
from seatrial.trial.subject import Subject
from seatrial.trial.window import Window

SERVED_SECONDS = 2.0
SETTLE_SECONDS = 10.0
"""What podman takes before a container can be started again, and the kubelet to see that it has ended."""


async def run(stage: Stage) -> Recovery:
    """Do one after the other, and see each time that it serves again, as far as that can be done."""
    worker = blocked = main = None
    untold = ""
    async with stage.deployed() as played:
        if await stage.until_ready(played) is None:
            return Recovery(*stage.so_far())
        load = await loading.find(played)
        seen, port = await processes(played), played.subject.port
        workers = seen.workers(port) if port else []
        try:
            if workers and seen.main not in workers:
                worker = await _kill_worker(stage, played, load, workers)
                blocked = await _block_worker(stage, played, load)
            if played.pod.template.restart_policy != "Never":
                main = await _kill_main(stage, played, load)
        except HarnessError as error:
            untold = str(error)
    return Recovery(
        *stage.so_far(),
        ready=True,
        untold=untold,
        workers=len(workers),
        worker=worker,
        blocked=blocked,
        main=main,
    )


async def _kill_worker(stage: Stage, played: Played, load: loading.Load | None, workers: list[int]) -> Recovered:
    seen, port = await processes(played), played.subject.port or 0
    restarts = played.pod.restarts(played.subject.container.name)
    began = stage.mark("a worker is killed")
    send(signal.SIGKILL, workers[0])

    def mended() -> bool:
        restarted = played.pod.restarts(played.subject.container.name) > restarts
        return replaced(workers, seen.workers(port), restarted=restarted, ready=played.pod.ready)

    limit = ready_budget_seconds(stage.subject) or UNPROMISED_SECONDS
    limit += SETTLE_SECONDS if len(workers) == 1 else 0.0  # it may be the service itself, under an init or a shell
    return await recovered(stage, played, load, began=began, condition=mended, limit_seconds=limit, restarts=restarts)


def replaced(before: Sequence[int], now: Sequence[int], *, restarted: bool, ready: bool) -> bool:
    """Tell whether the first of those that listened has a successor, beside all others.

    Of a container that was restarted all are other processes than were looked for: that it is ready tells then.
    """
    return ready if restarted else before[0] not in now and len(now) >= len(before)


async def _block_worker(stage: Stage, played: Played, load: loading.Load | None) -> Recovered:
    seen, port = await processes(played), played.subject.port or 0
    restarts = played.pod.restarts(played.subject.container.name)
    if not (workers := seen.workers(port)):
        raise HarnessError("no worker is left that could be stopped")
    worker = workers[0]
    blocked = Processes(worker)
    began = stage.mark("a worker is stopped (SIGSTOP)")
    send(signal.SIGSTOP, worker)
    limit = detection_seconds(stage.subject.container.liveness) + stage.subject.template.grace_period_seconds
    try:
        return await recovered(
            stage,
            played,
            load,
            began=began,
            condition=lambda: not blocked.alive,
            limit_seconds=limit,
            restarts=restarts,
        )
    finally:
        send(signal.SIGCONT, worker)


async def _kill_main(stage: Stage, played: Played, load: loading.Load | None) -> Recovered:
    name = played.subject.container.name
    seen, restarts = await processes(played), played.pod.restarts(name)
    began = stage.mark("the main process is killed")
    send(signal.SIGKILL, seen.main)
    return await recovered(
        stage,
        played,
        load,
        began=began,
        condition=lambda: played.pod.restarts(name) > restarts and played.pod.ready,
        limit_seconds=restart_seconds(stage.subject, restarts),
        restarts=restarts,
    )


def restart_seconds(subject: Subject, restarts: int) -> float:
    """Return what a container's restart may take, its back-off after so many others included."""
    back_off = INITIAL_SECONDS * 2 ** (restarts - 1) if restarts else 0.0
    return (ready_budget_seconds(subject) or UNPROMISED_SECONDS) + SETTLE_SECONDS + back_off


async def recovered(
    stage: Stage,
    played: Played,
    load: loading.Load | None,
    *,
    began: float,
    condition: Callable[[], bool],
    limit_seconds: float,
    restarts: int,
) -> Recovered:
    """Wait until it has recovered, and send some requests then."""
    seconds, served = None, None
    with suppress(LimitExceededError):
        allowed = limit_seconds + stage.machine.allowance_seconds
        await played.pod.until(condition, allowed, "it has recovered")
        mended = stage.mark("recovered")
        await played.pod.until(lambda: played.pod.ready, allowed, "it is ready")
        seconds = mended - began
        served = await _served(stage, played, load) if load else None
    restarted = played.pod.restarts(played.subject.container.name) - restarts
    return Recovered(Window(began, time.monotonic()), seconds, limit_seconds, restarted, served)


async def _served(stage: Stage, played: Played, load: loading.Load) -> Window:
    began = time.monotonic()
    async with Traffic(played.port, loading.fresh(load)[:1]) as traffic:
        await asyncio.sleep(SERVED_SECONDS)
    stage.requests += traffic.outcomes
    return Window(began, time.monotonic())


def _seconds(subject: Subject) -> float:
    return start_seconds(subject) + detection_seconds(subject.container.liveness) + 2 * start_seconds(subject)


RECOVERY = Scenario(
    name="recovery",
    sentence="A worker is killed, a worker is stopped, the main process is killed.",
    run=run,
    claims=claims.CLAIMS,
    seconds=_seconds,
)
