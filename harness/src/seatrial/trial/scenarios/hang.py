"""Every process hangs: stopped by SIGSTOP, it does nothing more, and no signal but SIGKILL reaches it."""

import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from seatrial.errors import LimitExceededError
from seatrial.host.processes import send
from seatrial.manifests.pods import Container, Exec, Probe
from seatrial.timeline import Kind
from seatrial.trial.inside import processes
from seatrial.trial.judgement import Judgement, broken, claim, held, held_by_failing, not_applicable, not_run
from seatrial.trial.probing import detection_seconds, out_of_service
from seatrial.trial.scenario import Scenario
from seatrial.trial.seen import Seen
from seatrial.trial.stage import UNPROMISED_SECONDS, Stage, ready_budget_seconds, start_seconds
from seatrial.trial.subject import Subject
from seatrial.trial.window import Window

BACK_OFF_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Hang(Seen):
    """When it was stopped, when each probe had noticed, and when it was ready again; times are of time.monotonic().

    That its processes ended, `exited_at`, made it not ready if nothing did before.
    """

    stopped_at: float | None = None
    not_ready_at: float | None = None
    unhealthy_at: float | None = None
    exited_at: float | None = None
    ready_again_at: float | None = None


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


def _until(seen: Hang, at: float | None) -> Window | None:
    return None if seen.stopped_at is None else Window(seen.stopped_at, seen.record.ended if at is None else at)


@claim(
    "hang.leaves-service",
    "When every process hangs, readiness fails within its bound.",
    timed=lambda seen: _until(seen, seen.not_ready_at),
)
def leaves_service(seen: Hang) -> Judgement:
    """Judge how long requests would have been sent to it."""
    readiness = seen.subject.container.readiness
    if seen.stopped_at is None:
        return not_run("it was never ready")
    if readiness is None:
        return not_applicable("it has no readiness probe")
    if seen.exited_at is not None and (seen.not_ready_at is None or seen.not_ready_at >= seen.exited_at):
        seconds, bound_seconds = seen.exited_at - seen.stopped_at, detection_seconds(readiness)
        if seconds > bound_seconds:
            said = f"ready until its processes ended after {seconds:.1f} s; the bound is {bound_seconds:g} s"
            return broken(said, seconds=seconds, bound_seconds=bound_seconds)
    return _within(seen, seen.not_ready_at, readiness, "not ready", "still ready")


@claim(
    "hang.is-detected",
    "When every process hangs, liveness fails within its bound.",
    timed=lambda seen: _until(seen, seen.unhealthy_at) if seen.subject.container.liveness else None,
)
def is_detected(seen: Hang) -> Judgement:
    """Judge how long it would have hung."""
    if seen.stopped_at is None:
        return not_run("it was never ready")
    liveness = seen.subject.container.liveness
    if liveness is None:
        return broken("it has no liveness probe: what hangs, hangs for ever")
    return _within(seen, seen.unhealthy_at, liveness, "liveness failed", "liveness had not failed")


@claim(
    "hang.is-replaced",
    "When every process hangs, the container is restarted and ready again.",
    # Nothing but that it was found to hang can have been the machine's fault, if it was ready again.
    timed=lambda seen: _until(seen, seen.ready_again_at and seen.unhealthy_at),
)
def is_replaced(seen: Hang) -> Judgement:
    """Judge the restart: the grace period passes first, because a stopped process takes no SIGTERM."""
    if seen.stopped_at is None or seen.unhealthy_at is None:
        return not_run("it was never ready" if seen.stopped_at is None else "the hang was not detected")
    if seen.ready_again_at is None:
        return broken("it was not ready again")
    seconds = seen.ready_again_at - seen.stopped_at
    return _held(seen, seen.subject.container.liveness)(
        f"ready again after {seconds:.1f} s, the grace period included", seconds=seconds
    )


def _held(seen: Hang, probe: Probe | None) -> Callable[..., Judgement]:
    """Return how it holds: what only a stopped process could have answered did not fail for want of a core."""
    alone = len(seen.subject.template.containers) == 1
    return held_by_failing if probe is None or isinstance(probe.handler, Exec) or not alone else held


def _within(seen: Hang, at: float | None, probe: Probe, noticed: str, missed: str) -> Judgement:
    assert seen.stopped_at is not None
    bound_seconds = detection_seconds(probe)
    bound = seen.machine.bound(bound_seconds)
    if at is None:
        return broken(f"{missed}; the bound is {bound}", bound_seconds=bound_seconds)
    seconds = at - seen.stopped_at
    figures = {"seconds": seconds, "bound_seconds": bound_seconds}
    said = f"{noticed} after {seconds:.1f} s; the bound is {bound}"
    late = seconds > bound_seconds + seen.machine.allowance_seconds
    return (broken if late else _held(seen, probe))(said, **figures)


def _seconds(subject: Subject) -> float:
    noticed = noticing_seconds(subject.container) + subject.template.grace_period_seconds
    return 2 * start_seconds(subject) + noticed


HANG = Scenario(
    name="hang",
    sentence="Every process is stopped by SIGSTOP.",
    run=run,
    claims=(leaves_service, is_detected, is_replaced),
    seconds=_seconds,
)
