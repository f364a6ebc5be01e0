"""Starting: ready in time, serving when ready, and ready from then on."""

from seatrial.timeline import Kind
from seatrial.trial.judgement import Judgement, broken, claim, held, not_run
from seatrial.trial.seen import Lifetime
from seatrial.trial.window import Window

LAST_LINES = 3


@claim(
    "start.ready-in-time",
    "It becomes ready within the time that its probes give it, and is not restarted for it.",
    timed=lambda seen: Window(seen.record.began, seen.ready_at or seen.record.ended),
)
def ready_in_time(seen: Lifetime) -> Judgement:
    """Judge the way to the first readiness."""
    if seen.failed_to_play:
        return broken(*seen.failed_to_play.splitlines())
    budget, running = seen.ready_budget_seconds, seen.running_at
    promised = f"its probes give it {budget:g} s" if budget else "its probes set no limit"
    ended = [
        event for event in seen.events(Kind.EXITED, Kind.UNHEALTHY) if event.at <= (seen.ready_at or seen.record.ended)
    ]
    if ended or seen.ready_at is None or running is None:
        told = [f"{event.subject}: {event.kind}: {event.detail}" for event in ended]
        last = seen.last_failure()
        attempt = [f"the last failed attempt, {last.subject}: {last.detail}"] if last else []
        logged = [f"it logged: {line[:200]}" for line in seen.log_lines[-LAST_LINES:]]
        return broken(promised, *(told or ["it was not ready by then"]), *attempt, *logged)
    seconds = seen.ready_at - running
    figures = {"seconds": seconds} | ({"budget_seconds": budget} if budget else {})
    return held(f"ready {seconds:.1f} s after its containers were started; {promised}", **figures)


@claim(
    "start.serves-when-ready", "From the moment that it is ready, requests are answered.", timed=lambda seen: seen.first
)
def serves_when_ready(seen: Lifetime) -> Judgement:
    """Judge the requests that were sent as soon as the pod was ready."""
    if seen.first is None:
        return seen.untried()
    sent = seen.requests(seen.first)
    bad = [each for each in sent if seen.lost(each)]
    if not sent:
        return not_run("nothing was sent")
    if bad:
        return broken(f"{len(bad)} of the first {len(sent)} requests were not answered", str(bad[0]), lost=len(bad))
    return held(f"the first {len(sent)} requests were answered", requests=len(sent))


def _undisturbed(seen: Lifetime) -> Window | None:
    return Window(seen.ready_at, seen.idle.ended) if seen.ready_at is not None and seen.idle else None


@claim("start.no-flapping", "Once ready it stays ready, while little or nothing is asked of it.", timed=_undisturbed)
def no_flapping(seen: Lifetime) -> Judgement:
    """Judge the time after the first readiness, in which the first requests are sent, too."""
    window = _undisturbed(seen)
    return seen.stays_ready(window) if window else not_run("it was never ready")


CLAIMS = (ready_in_time, serves_when_ready, no_flapping)
