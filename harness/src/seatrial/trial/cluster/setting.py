"""A bad setting on a cluster: it has to stop the start, at once and with a message."""

import math
import time
from contextlib import suppress

from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import LimitExceededError, PlayError
from seatrial.timeline import Kind
from seatrial.trial.claims.setting import AT_ONCE_SECONDS, Setting, Start
from seatrial.trial.cluster.play import CLUSTER_SECONDS, deployed
from seatrial.trial.scenarios.setting import bad_settings
from seatrial.trial.stage import UNPROMISED_SECONDS, Stage, ready_budget_seconds


async def run(runtime: ClusterRuntime, stage: Stage) -> Setting:
    """Start it with the bad settings, until it ends, is ready, or its time to start is over."""
    (given,), name = bad_settings(stage.subject), stage.subject.container.name
    limit = (ready_budget_seconds(stage.subject) or UNPROMISED_SECONDS) + CLUSTER_SECONDS
    began = stage.mark("starts with bad settings")
    exit_code, ready, at_once_seconds = None, False, AT_ONCE_SECONDS
    failed: tuple[str, ...] = (name,)
    try:
        async with deployed(runtime, stage, given) as played:
            with suppress(LimitExceededError):
                await played.pod.until(
                    lambda: played.pod.ready or bool(stage.timeline.of(Kind.EXITED, subject=name)),
                    limit + stage.machine.allowance_seconds,
                    "it ends or is ready",
                )
            ready, seconds = played.pod.ready, time.monotonic() - began
            event = stage.timeline.first(Kind.EXITED, name)
            if event and not ready:
                exit_code = event.exit_code
                running = stage.timeline.first(Kind.RUNNING, name)
                seconds = event.at - running.at if running else seconds
            stage.logs = await played.pod.logs()
    except PlayError as error:
        template = stage.subject.template
        names = {each.name for each in (*template.init_containers, *template.containers)}
        codes = {container: code for container, code in error.exit_codes.items() if container in names}
        if not codes:  # a Job's, or a dependency's: nothing is known of the subject
            raise
        seconds, exit_code, stage.logs = time.monotonic() - began, max(codes.values()), error.logs
        # It has failed twice, and has waited for a node, an image and its next try.
        failed, at_once_seconds = tuple(container for container, code in codes.items() if code) or failed, math.inf
    start = Start(given, ready, exit_code, seconds, stage.logs, failed, at_once_seconds)
    return Setting(*stage.so_far(), chosen=bool(stage.subject.configuration.setting), starts=(start,))
