"""SIGTERM under load: what a load balancer that follows readiness, and its users, would see of it."""

from itertools import takewhile

from seatrial.timeline import Kind
from seatrial.traffic.exchange import Failure, Outcome
from seatrial.trial.balancer import arithmetic, notice_seconds
from seatrial.trial.claims.ending import ending
from seatrial.trial.judgement import Judgement, broken, claim, held, held_by_failing, not_applicable, not_run
from seatrial.trial.load import CONNECTIONS, Established
from seatrial.trial.machine import ALLOWANCE_SECONDS
from seatrial.trial.probing import promptly
from seatrial.trial.seen import Lifetime
from seatrial.trial.window import Window

MIN_REQUESTS = 50
"""Of fewer requests nothing can be told."""
LATE_ATTEMPTS = 3
"""So many that succeed later than they may are not the machine's fault."""
SLOW_CLIENTS = ("slow upload", "slow reader")
IDEMPOTENT = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}
"""What a client may send again, when it does not know whether it was done (RFC 9110 9.2.2)."""
CUT = {Failure.CLOSED_REUSED, Failure.RESET, Failure.BAD_ANSWER}
"""How a request meets the end of its connection: before its answer, or in it."""
NOBODY = {Failure.REFUSED, Failure.CLOSED, Failure.RESET}
UNANSWERED = 10
"""So many new connections without an answer, and none with one after them: nobody listens any more."""


def _noticing(seen: Lifetime) -> Window | None:
    if seen.ended is None:
        return None
    return Window(seen.ended.deleted_at, seen.ended.deleted_at + notice_seconds(seen.subject.container))


def _drain(seen: Lifetime) -> Window | None:
    return seen.ended.window if seen.ended else None


def _sent(seen: Lifetime) -> list[Outcome] | Judgement:
    """Return what was in flight, or sent while load balancers may still send, or why nothing can be told of it."""
    window = _noticing(seen)
    if window is None:
        return not_run("it did not come to that")
    if seen.load is None:
        return not_applicable("it serves no HTTP")
    sent = seen.requests(window)
    if len(sent) < MIN_REQUESTS:
        return not_run(f"only {len(sent)} requests were sent while load balancers had not noticed", requests=len(sent))
    before = [each for each in seen.record.requests if each.sent_at < window.began]
    bad = [each for each in before[-len(sent) :] if seen.lost(each) and each.ended_at < window.began]
    if bad:
        return not_run(f"{len(bad)} requests were lost before it was deleted: {bad[0]}", lost_before=len(bad))
    return [*(each for each in before if each.ended_at >= window.began), *sent]


@claim("sigterm.no-request-lost", "No request fails that was sent before load balancers noticed.", timed=_drain)
def no_request_lost(seen: Lifetime) -> Judgement:
    """Judge what was sent; what ended without a byte on a reused connection and may be repeated is another claim's."""
    sent = _sent(seen)
    if isinstance(sent, Judgement):
        return sent
    again = seen.load is not None and seen.load.quick.method in IDEMPOTENT
    bad = [each for each in sent if seen.lost(each) and not (again and each.failure is Failure.CLOSED_REUSED)]
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
    after = outcome.sent_at - seen.ended.deleted_at
    when = f"{abs(after):.2f} s {'after' if after >= 0 else 'before'} the deletion"
    return f"the first was sent {when} ({outcome.client}): {what}"


@claim(
    "sigterm.readiness-fails",
    "Once it has its stop signal, readiness fails while it still answers.",
    timed=_drain,
)
def readiness_fails(seen: Lifetime) -> Judgement:
    """Judge the readiness attempts that began after the signal, until the container's end.

    An attempt that succeeds at once may have come before the signal had its effect. Where none was due any more before
    the end, nobody was told that it still is ready.
    """
    readiness, ended = seen.subject.container.readiness, seen.ended
    if ended is None or ended.signalled_at is None:
        return not_run("it did not come to that")
    if readiness is None:
        return not_applicable("it has no readiness probe")
    allowed = seen.machine.allowance_seconds
    exited = ended.exited_at(seen.subject.container.name)
    subject = f"{seen.subject.container.name}/readiness"
    window = Window(ended.signalled_at, exited)
    found = seen.events(Kind.ATTEMPT_SUCCEEDED, Kind.ATTEMPT_FAILED, window=window)
    attempts = [event for event in found if event.subject == subject]
    good = [event for event in attempts if event.kind is Kind.ATTEMPT_SUCCEEDED]
    began = [event.at - event.seconds - ended.signalled_at for event in good]
    # A machine that is slow makes one or two of them late, not more: no allowance for that is needed.
    late = [after for after in began if after > ALLOWANCE_SECONDS]
    if began and (began[-1] > allowed or len(late) >= LATE_ATTEMPTS):
        return broken(f"an attempt succeeded that began {began[-1]:.1f} s after the signal", seconds=began[-1])
    after = exited - ended.signalled_at
    last = attempts[-1].at - ended.signalled_at if attempts else 0.0
    due = last + readiness.period_seconds + readiness.timeout_seconds
    if attempts and attempts[-1].kind is Kind.ATTEMPT_FAILED:
        said = f"it failed {last:.1f} s after the signal"
    elif after > due + allowed:
        return not_run(f"it ended {after:.1f} s after the signal, and readiness was not asked in time")
    else:
        said = f"it had ended {after:.1f} s after the signal, before it was asked again"
    said = f"{said}; none succeeded that began later than {allowed:.1f} s after it"
    bad = [event for event in attempts if event.kind is Kind.ATTEMPT_FAILED]
    sure = any(promptly(readiness, event) for event in bad) if bad else after <= due
    return held(said) if sure else held_by_failing(said)


@claim("sigterm.no-reused-connection-closed", "No kept-alive connection is closed under a request.", timed=_drain)
def no_reused_connection_closed(seen: Lifetime) -> Judgement:
    """Judge every request on a connection that was used before, until the end: a load balancer keeps those open.

    One that ends without a byte of answer may be sent again if it is idempotent (RFC 9110 9.2.2), others may not.
    """
    if seen.ended is None:
        return not_run("it did not come to that")
    if seen.load is None:
        return not_applicable("it serves no HTTP")
    if not seen.keeps_alive:
        return not_applicable("it keeps no connection open")
    reused = [each for each in seen.record.requests if each.reused and each.ended_at >= seen.ended.deleted_at]
    bad = [each for each in reused if each.failure in CUT]
    if not reused:
        return not_run("no connection was used again after the deletion")
    silent = sum(each.failure is Failure.CLOSED_REUSED for each in bad)
    figures = {"requests": float(len(reused)), "cut": float(len(bad)), "closed": float(silent)}
    said = f"{len(bad)} of {len(reused)} requests on kept-alive connections were cut, {silent} without a byte of answer"
    return broken(said, _when(seen, bad[0]), **figures) if bad else held(said, **figures)


@claim(
    "sigterm.says-close", "While it drains, answers on kept-alive connections say `Connection: close`.", timed=_drain
)
def says_close(seen: Lifetime) -> Judgement:
    """Judge whether most connections that ended after the deletion did so by an answer that said it.

    Some do in any case: a server that closes all its connections says so where a request is in flight, and one that
    ends a connection after so many requests says so all the time. So few of those open at once may go without a word.
    """
    if seen.ended is None:
        return not_run("it did not come to that")
    if seen.load is None or not seen.keeps_alive:
        return not_applicable("it serves no HTTP" if seen.load is None else "it keeps no connection open")
    kept = [e for e in seen.record.requests if e.client == Established.name and e.ended_at >= seen.ended.deleted_at]
    told = [each for each in kept if each.closing]
    closed = [each for each in kept if each.failure in CUT]
    said = f"{len(told)} connections ended with it, {len(closed)} without a word"
    figures = {"told": float(len(told)), "closed": float(len(closed))}
    most = len(told) > len(closed) and len(closed) <= CONNECTIONS / 2
    return (held if most else broken)(said, **figures)


@claim("sigterm.listener-stays-open", "The listener is not closed before load balancers have noticed.", timed=_drain)
def listener_stays_open(seen: Lifetime) -> Judgement:
    """Judge the new connections: the lame duck, or the preStop hook, is long enough if none was refused.

    What forwards a port may accept for a listener that is gone: then from some moment on no answer comes.
    """
    window = _noticing(seen)
    if window is None or seen.ended is None:
        return not_run("it did not come to that")
    if seen.load is None:
        return not_applicable("it serves no HTTP")
    new = [each for each in seen.requests(window) if not each.reused]
    quick = sorted((each for each in new if each.client not in SLOW_CLIENTS), key=lambda each: each.sent_at)
    unanswered = list(takewhile(lambda each: each.failure in NOBODY, reversed(quick)))[::-1]
    shut = [each for each in new if each.failure is Failure.REFUSED] or (
        unanswered if len(unanswered) >= UNANSWERED else []
    )
    needed = window.ended - window.began
    if len(new) < MIN_REQUESTS:
        return not_run(f"only {len(new)} connections were opened", connections=len(new))
    if shut:
        opened = shut[0].sent_at - window.began
        return broken(
            f"connections came to nothing {opened:.2f} s after the deletion: {shut[0].failure}",
            arithmetic(seen.subject.container),
            open_seconds=opened,
            needed_seconds=needed,
        )
    return held(f"none of {len(new)} was refused", arithmetic(seen.subject.container), needed_seconds=needed)


@claim("sigterm.slow-requests-finish", "Slow uploads and slow readers that were in flight are finished.", timed=_drain)
def slow_requests_finish(seen: Lifetime) -> Judgement:
    """Judge those that were sent before load balancers had noticed, were accepted, and ended later than the deletion.

    A preStop hook may be so long that none is left when the signal comes: that is how it protects them.
    """
    window = _noticing(seen)
    if window is None or seen.ended is None or seen.ended.signalled_at is None:
        return not_run("it did not come to that")
    if seen.load is None:
        return not_applicable("it serves no HTTP")
    accepted = [each for each in seen.record.requests if each.failure is not Failure.REFUSED]
    slow = [
        each
        for each in accepted
        if each.client in SLOW_CLIENTS and each.sent_at <= window.ended and each.ended_at >= window.began
    ]
    bad = [each for each in slow if seen.lost(each)]
    signalled = sum(each.ended_at >= seen.ended.signalled_at for each in slow)
    figures = {"requests": float(len(slow)), "signalled": float(signalled), "lost": float(len(bad))}
    if not slow:
        return not_run("none was in flight", **figures)
    counted = ", ".join(f"{n} {name}" for name in SLOW_CLIENTS if (n := sum(e.client == name for e in slow)))
    if bad:
        return broken(f"{len(bad)} of {counted} were lost", _when(seen, bad[0]), **figures)
    return held(f"{counted}; {signalled} in flight when the stop signal came", **figures)


ENDING = ending("sigterm.loaded", "under load", lambda seen: seen.ended if seen.load else None, Lifetime.untried)
CLAIMS = (
    no_request_lost,
    no_reused_connection_closed,
    listener_stays_open,
    slow_requests_finish,
    says_close,
    readiness_fails,
    *ENDING,
)
