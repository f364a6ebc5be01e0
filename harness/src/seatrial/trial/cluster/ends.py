"""An end on a cluster other than under load: idle."""

from dataclasses import dataclass

from seatrial.cluster.runtime import ClusterRuntime
from seatrial.trial.cluster.play import deployed
from seatrial.trial.seen import Seen
from seatrial.trial.stage import Stage
from seatrial.trial.termination import Ended, end


@dataclass(frozen=True, kw_only=True)
class Idle(Seen):
    """How it ended when it was idle; None if it was never ready."""

    idle: Ended | None = None


async def run(runtime: ClusterRuntime, stage: Stage) -> Idle:
    """Delete one pod as soon as all are ready."""
    idle = None
    async with deployed(runtime, stage) as played:
        if await played.until_ready() is not None:
            stage.logs = await played.pod.logs()
            idle = await end(stage, played.pod, "deleted, idle")
    return Idle(*stage.so_far(), idle=idle)
