"""Every process hangs: stopped by SIGSTOP, it does nothing more, and no signal but SIGKILL reaches it."""

import signal
from contextlib import suppress

from seatrial.errors import LimitExceededError
from seatrial.host.processes import send
from seatrial.manifests.pods import Container
from seatrial.timeline import Kind
from seatrial.trial.claims.hang import CLAIMS, Hang
from seatrial.trial.inside import processes
from seatrial.trial.probing import detection_seconds, out_of_service
from seatrial.trial.scenario import Scenario
from seatrial.trial.stage import UNPROMISED_SECONDS, Stage, ready_budget_seconds, start_seconds
from seatrial.trial.subject import Subject

BACK_OFF_SECONDS = 10.0


async def run(stage: Stage) -> Hang:
    """Stop every process of the container, and wait until it has been replaced."""
    name = stage.subject.container.name
    async with stage.deployed() as played:
        if await stage.until_ready(played) is None:
            return Hang(*stage.so_far())
        stopped_at = stage.mark("every process is stopped (SIGSTOP)")
        send(signal.SIGSTOP, *(await processes(played)).pids())
        detected = noticing_seconds(stage.subject.container) + stage.machine.allowance_seconds
        ready_again_at = None
        with suppress(LimitExceededError):
            await played.pod.until(
                lambda: stage.timeline.first(Kind.UNHEALTHY, name, stopped_at) is not None, detected, "it is detected"
            )
            replaced = stage.subject.template.grace_period_seconds + BACK_OFF_SECONDS
            replaced += ready_budget_seconds(stage.subject) or UNPROMISED_SECONDS
            await played.pod.until(
                lambda: played.pod.restarts(name) > 0 and played.pod.ready, replaced, "it is ready again"
            )
            ready_again_at = stage.mark("ready again")
    unhealthy = stage.timeline.first(Kind.UNHEALTHY, name, stopped_at)
    exited = stage.timeline.first(Kind.EXITED, name, stopped_at)
    # Nothing but SIGKILL reaches it: ready again before its end, it had not noticed.
    not_ready = out_of_service(stage.timeline, [name], stopped_at, exited.at if exited else float("inf"))
    return Hang(
        *stage.so_far(),
        stopped_at=stopped_at,
        not_ready_at=not_ready.at if not_ready else None,
        unhealthy_at=unhealthy.at if unhealthy else None,
        exited_at=exited.at if exited else None,
        ready_again_at=ready_again_at,
    )


def noticing_seconds(container: Container) -> float:
    """Return how long it may take until each probe has noticed."""
    return max(detection_seconds(container.readiness), detection_seconds(container.liveness))


def _seconds(subject: Subject) -> float:
    noticed = noticing_seconds(subject.container) + subject.template.grace_period_seconds
    return 2 * start_seconds(subject) + noticed


HANG = Scenario(
    name="hang",
    sentence="Every process is stopped by SIGSTOP.",
    run=run,
    claims=CLAIMS,
    seconds=_seconds,
)
