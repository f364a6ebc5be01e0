"""What tests on a cluster claim, as functions that name the breaches: each has been seen to find one."""

from collections.abc import Iterator

from seatrial.timeline import Kind, Timeline
from seatrial.traffic.clients import Traffic
from seatrial.traffic.exchange import Outcome

MIN_REQUESTS = 2000
NOTICE_SECONDS = 5.0
"""What the endpoints' controller may take from a pod's deletion to its endpoint's, on a busy machine."""
SAME_MOMENT_SECONDS = 0.5
"""How far apart two requests that one moment ended may be seen to be: a round trip, on a busy machine."""


def of_requests(traffic: Traffic, *, at_least: int = MIN_REQUESTS) -> Iterator[str]:
    """Not one request failed, of enough to tell."""
    if failed := traffic.failed():
        yield f"requests failed: {len(failed)} of {len(traffic.outcomes)}"
    if len(traffic.outcomes) < at_least:
        yield f"too little traffic to tell: {len(traffic.outcomes)} requests of {at_least}"


def of_endpoints(timeline: Timeline, pod: str, deleted_at: float) -> Iterator[str]:
    """A deleted pod leaves its Services at once, and does not come back."""
    left = timeline.first(Kind.OUT_OF_SERVICE, pod, since=deleted_at)
    if left is None:
        yield f"{pod} was deleted and stayed an endpoint"
    elif left.at - deleted_at > NOTICE_SECONDS:
        yield f"{pod} stayed an endpoint for {left.at - deleted_at:.1f} s"
    if timeline.of(Kind.IN_SERVICE, subject=pod, since=deleted_at):
        yield f"{pod} was deleted and came back as an endpoint"


def of_an_outright_kill(outcomes: list[Outcome], killed_at: float) -> Iterator[str]:
    """What failed was in flight at one moment, the process's end: nothing sent later failed, and nothing before."""
    failed = [outcome for outcome in outcomes if not outcome.ok]
    if not failed:
        return
    last_sent, first_ended = max(each.sent_at for each in failed), min(each.ended_at for each in failed)
    if first_ended < killed_at:
        yield f"a request failed {killed_at - first_ended:.2f} s before the kill"
    if last_sent - first_ended > SAME_MOMENT_SECONDS:
        yield f"requests failed that were sent up to {last_sent - first_ended:.2f} s after others had failed"
