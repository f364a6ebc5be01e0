"""Termination under load, as a load balancer and its clients would have it."""

import asyncio

from seatrial.traffic.clients import Traffic
from seatrial.trial import load as loading
from seatrial.trial.balancer import notice_seconds
from seatrial.trial.stage import Played, Stage
from seatrial.trial.termination import Ended, end

WARM_UP_REQUESTS = 100
WARM_UP_LIMIT_SECONDS = 30.0


async def terminate(stage: Stage, played: Played, load: loading.Load) -> Ended:
    """Delete the pod under load: new connections come until load balancers have noticed, kept ones until its end."""
    noticed, late = asyncio.Event(), asyncio.Event()
    established = loading.Established(lambda: load.quick, loading.KEEP_ALIVE_RATE, noticed)
    kept = Traffic(played.port, [established, loading.Late(lambda: load.quick, late)])
    new = Traffic(played.port, loading.fresh(load))
    try:
        async with kept, new:
            await played.pod.until(
                lambda: len(kept.outcomes) >= WARM_UP_REQUESTS, WARM_UP_LIMIT_SECONDS, "requests are answered"
            )
            async with asyncio.TaskGroup() as group:
                terminating = group.create_task(end(stage, played.pod, "deleted under load"))
                await asyncio.sleep(0.9 * notice_seconds(played.subject.container))
                late.set()
                await asyncio.sleep(0.1 * notice_seconds(played.subject.container))
                stage.mark("load balancers have noticed")
                noticed.set()
                await new.stop()
    finally:
        stage.requests += [*kept.outcomes, *new.outcomes]
    return terminating.result()
