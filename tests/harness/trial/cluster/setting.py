"""A bad setting on a cluster: it has to stop the start, at once and with a message."""

import time
from contextlib import suppress

from tests.harness.cluster.runtime import ClusterRuntime
from tests.harness.errors import LimitExceededError, PlayError
from tests.harness.timeline import Kind
from tests.harness.trial.cluster.play import CLUSTER_SECONDS, deployed
from tests.harness.trial.scenarios.setting import Setting, Start, bad_settings
from tests.harness.trial.stage import UNPROMISED_SECONDS, Stage, ready_budget_seconds


async def run(runtime: ClusterRuntime, stage: Stage) -> Setting:
    """Start it with the bad settings, until it ends, is ready, or its time to start is over."""
    (given,), name = bad_settings(stage.subject), stage.subject.container.name
    limit = (ready_budget_seconds(stage.subject) or UNPROMISED_SECONDS) + CLUSTER_SECONDS
    exit_code, ready, began = None, False, stage.mark("starts with bad settings")
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
            exit_code = int(event.detail.split()[2].strip(",")) if event and not ready else None
            stage.logs = await played.pod.logs()
    except PlayError as error:
        if not error.exit_codes:
            raise
        seconds, exit_code, stage.logs = time.monotonic() - began, max(error.exit_codes.values()), str(error)
    start = Start(given, ready=ready, exit_code=exit_code, seconds=seconds, output=stage.logs)
    return Setting(*stage.so_far(), chosen=bool(stage.subject.configuration.setting), starts=(start,))
