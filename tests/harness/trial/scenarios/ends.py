"""Ends other than under load: idle, while it starts, and signalled twice."""

import asyncio
import time
from dataclasses import dataclass

from tests.harness.kubelet import Pod
from tests.harness.timeline import Kind
from tests.harness.trial.claims.ending import ending
from tests.harness.trial.scenario import Scenario
from tests.harness.trial.seen import Seen
from tests.harness.trial.stage import Played, Stage, start_seconds
from tests.harness.trial.subject import Subject
from tests.harness.trial.termination import Ended, end

RUNNING_LIMIT_SECONDS = 60.0
AGAIN_SECONDS = 1.0
"""How long after the first signal the second comes: an init shim or a person is no faster."""


@dataclass(frozen=True, kw_only=True)
class Ends(Seen):
    """Three ends of the same pod, started anew after each."""

    idle: Ended | None = None
    starting: Ended | None = None
    twice: Ended | None = None


async def run(stage: Stage) -> Ends:
    """End it idle; start it again and end it half-way to readiness; start it again and signal it twice."""
    async with stage.deployed() as played:
        ready_at = await stage.until_ready(played)
        running = stage.timeline.first(Kind.RUNNING, played.subject.container.name)
        if ready_at is None or running is None:
            return Ends(*stage.so_far())
        idle = await end(stage, played.pod, "deleted, idle")
        async with _again(stage, played) as (pod, running_at):
            half = running_at + (ready_at - running.at) / 2
            await asyncio.sleep(max(half - time.monotonic(), 0.0))
            starting = await end(stage, pod, "deleted while it starts")
        async with _again(stage, played) as (pod, _):
            twice = None
            if await stage.until_ready(played, pod) is not None:
                twice = await _end_twice(stage, played, pod)
    return Ends(*stage.so_far(), idle=idle, starting=starting, twice=twice)
