"""A rollout: no request is lost."""

from dataclasses import dataclass

from seatrial.trial.judgement import Judgement, broken, claim, held, not_applicable, not_run
from seatrial.trial.load import Load
from seatrial.trial.seen import Seen
from seatrial.trial.window import Window

MIN_REQUESTS = 100


@dataclass(frozen=True, kw_only=True)
class RolledOut(Seen):
    """The time of the rollout, and of what was sent before and after it; None is what it did not come to."""

    ready: bool = False
    load: Load | None = None
    window: Window | None = None


@claim("rollout.no-request-lost", "A rollout restart under load loses no request that goes through the Service.")
def no_request_lost(seen: RolledOut) -> Judgement:
    """Judge everything that was sent."""
    if not seen.ready:
        return not_run("it was never ready")
    if seen.load is None:
        return not_applicable("it serves no HTTP")
    if seen.window is None:
        return not_run("it did not come to that")
    sent = seen.requests(seen.window)
    if len(sent) < MIN_REQUESTS:
        return not_run(f"only {len(sent)} requests were sent", requests=len(sent))
    bad = [each for each in sent if seen.lost(each)]
    said, figures = f"{len(bad)} of {len(sent)} requests were lost", {"requests": len(sent), "lost": len(bad)}
    return broken(said, str(bad[0]), **figures) if bad else held(said, **figures)


CLAIMS = (no_request_lost,)
