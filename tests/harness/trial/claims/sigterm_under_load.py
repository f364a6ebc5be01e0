"""SIGTERM under load: what a load balancer that follows readiness, and its users, would see of it."""

from tests.harness.exchange import Failure, Outcome
from tests.harness.timeline import Kind
from tests.harness.trial.balancer import arithmetic, notice_seconds
from tests.harness.trial.judgement import Judgement, broken, claim, held, not_applicable, not_run
from tests.harness.trial.seen import Lifetime, Window

MIN_REQUESTS = 50
"""Of fewer requests nothing can be told."""


def _noticing(seen: Lifetime) -> Window | None:
    if seen.ended is None:
        return None
    return Window(seen.ended.deleted_at, seen.ended.deleted_at + notice_seconds(seen.subject.container))


def _sent(seen: Lifetime) -> list[Outcome] | Judgement:
    """Return what was sent while load balancers may still send, or why nothing can be told of it."""
    window = _noticing(seen)
    if window is None:
        return not_run("it came not to it")
    if seen.load is None:
        return not_applicable("it serves no HTTP")
    sent = seen.requests(window)
    if len(sent) < MIN_REQUESTS:
        return not_run(f"only {len(sent)} requests were sent while load balancers had not noticed", requests=len(sent))
    before = [each for each in seen.record.requests if each.sent_at < window.began]
    bad = [each for each in before[-len(sent) :] if seen.lost(each)]
    if bad:
        return not_run(f"{len(bad)} requests were lost before it was deleted: {bad[0]}", lost_before=len(bad))
    return sent


@claim("sigterm.no-request-lost", "No request fails that was sent before load balancers noticed.")
def no_request_lost(seen: Lifetime) -> Judgement:
    """Judge what was sent; requests on reused connections that ended without a byte are another claim's."""
    sent = _sent(seen)
    if isinstance(sent, Judgement):
        return sent
    bad = [each for each in sent if seen.lost(each) and each.failure is not Failure.CLOSED_REUSED]
    figures = {"requests": float(len(sent)), "lost": float(len(bad))}
    said = f"{len(bad)} of {len(sent)} requests were lost"
    return (
        broken(said, _when(seen, bad[0]), arithmetic(seen.subject.container), **figures)
        if bad
        else held(said, **figures)
    )


def _when(seen: Lifetime, outcome: Outcome) -> str:
    assert seen.ended
    what = outcome.failure or f"status {outcome.status}"
    return f"the first {outcome.sent_at - seen.ended.deleted_at:.2f} s after the deletion ({outcome.client}): {what}"


@claim("sigterm.readiness-fails", "Once it has its stop signal, readiness fails while it still answers.")
def readiness_fails(seen: Lifetime) -> Judgement:
    """Judge the readiness attempts after the signal."""
    readiness, ended = seen.subject.container.readiness, seen.ended
    if ended is None or ended.signalled_at is None:
        return not_run("it came not to it")
    if readiness is None:
        return not_applicable("it has no readiness probe")
    allowed = readiness.period_seconds + readiness.timeout_seconds + seen.machine.allowance_seconds
    late = Window(ended.signalled_at + allowed, ended.ended_at)
    subject = f"{seen.subject.container.name}/readiness"
    attempts = [e for e in seen.events(Kind.ATTEMPT_SUCCEEDED, window=late) if e.subject == subject]
    if attempts:
        after = attempts[-1].at - ended.signalled_at
        return broken(f"readiness still succeeded {after:.1f} s after the signal", seconds=after)
    return held(f"no readiness attempt succeeded later than {allowed:g} s after the signal")
