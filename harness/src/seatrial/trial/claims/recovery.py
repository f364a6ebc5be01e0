"""Recovering: from a worker's end, a worker's stop, and the end of the main process."""

from seatrial.trial.judgement import Judgement, broken, claim, held, not_applicable, not_run
from seatrial.trial.seen import Recovered, Recovery, Seen
from seatrial.trial.window import Window


def _of(found: Recovered | None) -> Window | None:
    return found.window if found else None


@claim(
    "recovery.killed-worker",
    "A worker that is killed is replaced; if there are others, without a restart.",
    timed=lambda seen: _of(seen.worker),
)
def killed_worker(seen: Recovery) -> Judgement:
    """Judge what followed SIGKILL to a process that listens and is not the main one.

    With a single one the container may end: under an init or a wrapper it is the service itself.
    """
    if seen.worker is None:
        return _without_workers(seen)
    if seen.worker.restarts and seen.workers > 1:
        return broken("the container was restarted for it", restarts=seen.worker.restarts)
    return judge(seen, seen.worker, "replaced")


@claim(
    "recovery.blocked-worker",
    "A worker that no longer answers is detected and replaced within the probes' bound.",
    timed=lambda seen: _of(seen.blocked),
)
def blocked_worker(seen: Recovery) -> Judgement:
    """Judge what followed SIGSTOP to one of several processes that listen."""
    return _without_workers(seen) if seen.blocked is None else judge(seen, seen.blocked, "replaced")


@claim(
    "recovery.killed-main-process",
    "When its main process is killed it is restarted, is ready again, and serves.",
    timed=lambda seen: _of(seen.main),
)
def killed_main_process(seen: Recovery) -> Judgement:
    """Judge what followed SIGKILL to the container's first process."""
    if seen.main is None:
        return _untold(seen) or not_applicable("restartPolicy Never")
    return judge(seen, seen.main, "ready again")


def judge(seen: Seen, found: Recovered, what: str) -> Judgement:
    """Judge that it recovered in time, and served then."""
    bound = f"{seen.machine.bound(found.limit_seconds)} are allowed"
    if found.seconds is None:
        return broken(f"not {what}; {bound}")
    figures = {"seconds": found.seconds, "limit_seconds": found.limit_seconds}
    said = f"{what} after {found.seconds:.1f} s; {bound}; restarts: {found.restarts}"
    if found.served is None:
        return held(said, **figures)
    sent = seen.requests(found.served)
    bad = [each for each in sent if seen.lost(each)]
    if bad:
        return broken(said, f"but {len(bad)} of {len(sent)} requests were lost then: {bad[0]}", **figures)
    if not sent:
        return not_run(said, "but no request was sent then", **figures)
    return held(said, f"{len(sent)} requests were answered then", **figures)


def _without_workers(seen: Recovery) -> Judgement:
    none = "it has one process that listens" if seen.workers else "no process of it listens"
    return _untold(seen) or not_applicable(none)


def _untold(seen: Recovery) -> Judgement | None:
    if not seen.ready:
        return not_run("it was never ready")
    return not_run(seen.untold) if seen.untold else None


CLAIMS = (killed_worker, blocked_worker, killed_main_process)
