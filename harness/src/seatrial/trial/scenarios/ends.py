"""Ends other than under load: idle, while it starts, and signalled twice."""

import asyncio
import signal
import time
from contextlib import suppress

from seatrial.errors import LimitExceededError, PodmanError
from seatrial.timeline import Kind
from seatrial.trial.claims.ends import AGAIN_SECONDS, CLAIMS, Ends
from seatrial.trial.inside import processes
from seatrial.trial.scenario import Scenario
from seatrial.trial.stage import Played, Stage, start_seconds
from seatrial.trial.subject import Subject
from seatrial.trial.termination import Ended, end

SIGNALLED_LIMIT_SECONDS = 60.0
HANDLER_SECONDS = 2.0
"""What an interpreter may take to be loaded, before it can have a handler for a signal; at least half of a start is."""
STARVED = 20.0
"""So many times as long it is waited for at most, whatever the machine makes it wait."""


async def run(stage: Stage) -> Ends:
    """End it idle; start it again and end it as soon as it can be told to; start it again and signal it twice."""
    twice = None
    async with stage.deployed() as played:
        ready_at = await stage.until_ready(played)
        running = stage.timeline.first(Kind.RUNNING, played.subject.container.name)
        if ready_at is None or running is None:
            return Ends(*stage.so_far())
        idle = await end(stage, played.pod, "deleted, idle")
        async with stage.again(played) as second:
            await _until_told(stage, second, max(HANDLER_SECONDS, (ready_at - running.at) / 2))
            starting = await end(stage, second.pod, "deleted while it starts")
        async with stage.again(second) as third:
            if await stage.until_ready(third) is not None:
                twice = await _end_twice(stage, third)
    return Ends(*stage.so_far(), idle=idle, starting=starting, twice=twice)


async def _until_told(stage: Stage, played: Played, limit_seconds: float) -> None:
    """Wait until the process has a handler for its stop signal, which is as early as it can be told to end.

    The limit is of its own time: what it waits for a core is the machine's fault.
    """
    seen = await processes(played)
    stop = signal.Signals[(await played.podman.inspect(played.podman_name)).stop_signal]
    began = time.monotonic()

    def over() -> bool:
        own_seconds = time.monotonic() - began - seen.waited_seconds()
        return seen.catches(stop) or own_seconds > limit_seconds

    with suppress(LimitExceededError):
        await played.pod.until(over, STARVED * limit_seconds, f"it has a handler for {stop.name}")
    stage.mark(f"{'a' if seen.catches(stop) else 'no'} handler for {stop.name}")


async def _end_twice(stage: Stage, played: Played) -> Ended:
    began, name = time.monotonic(), played.subject.container.name
    async with asyncio.TaskGroup() as group:
        ending = group.create_task(end(stage, played.pod, "deleted, to be signalled twice"))
        await played.pod.until(
            lambda: stage.timeline.first(Kind.SIGNALLED, name, since=began) is not None,
            played.pod.template.grace_period_seconds + SIGNALLED_LIMIT_SECONDS,
            "it is signalled",
        )
        await asyncio.sleep(AGAIN_SECONDS)
        with suppress(PodmanError):  # it has ended by now
            await played.podman.kill(played.podman_name, (await played.podman.inspect(played.podman_name)).stop_signal)
            stage.mark("signalled again")
    return ending.result()


def _seconds(subject: Subject) -> float:
    return 3 * (start_seconds(subject) + min(subject.template.grace_period_seconds, 15.0))


ENDS = Scenario(
    name="ends",
    sentence="It is terminated idle, while it starts, and by two signals.",
    run=run,
    claims=CLAIMS,
    seconds=_seconds,
)
