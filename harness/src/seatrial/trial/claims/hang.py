"""A hang of every process: noticed by each probe, and mended."""

from collections.abc import Callable
from dataclasses import dataclass

from seatrial.manifests.probe import Exec, Probe
from seatrial.trial.judgement import Judgement, broken, claim, held, held_by_failing, not_applicable, not_run
from seatrial.trial.probing import detection_seconds
from seatrial.trial.seen import Seen
from seatrial.trial.window import Window


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


CLAIMS = (leaves_service, is_detected, is_replaced)
