"""Ending, in every situation: within the grace period, without SIGKILL, with an exit code that says so."""

from collections.abc import Callable
from typing import TypeVar

from seatrial.trial.judgement import Judged, Judgement, broken, claim, held, not_run
from seatrial.trial.termination import Ended

S = TypeVar("S")

STOP_SIGNAL_EXIT_CODES = {0, 128 + 15, 128 + 2, 128 + 3}
"""Success, or the end by the very signal that was sent: SIGTERM, SIGINT or SIGQUIT."""
GONE = "it had exited before: there was nothing to signal"


def _not_come_to(_: object) -> Judgement:
    return not_run("it did not come to that")


def ending(
    identity: str,
    situation: str,
    ended: Callable[[S], Ended | None],
    missing: Callable[[S], Judgement] = _not_come_to,
) -> tuple[Judged[S], Judged[S]]:
    """Return the two claims of one situation.

    `ended` finds its termination in what a scenario saw; where there is none, `missing` says why.
    """

    @claim(
        f"{identity}.within-grace",
        f"SIGTERM {situation}: every container ends in its grace period, unkilled.",
        timed=lambda seen: found.window if (found := ended(seen)) else None,
    )
    def within_grace(seen: S) -> Judgement:
        found = ended(seen)
        return missing(seen) if found is None else judge_grace(found)

    @claim(f"{identity}.exit-code", f"SIGTERM {situation}: the exit code is 0, or says that the signal ended it.")
    def exit_code(seen: S) -> Judgement:
        found = ended(seen)
        return missing(seen) if found is None else judge_exit_code(found)

    return within_grace, exit_code


def judge_grace(ended: Ended) -> Judgement:
    """Judge that no container needed SIGKILL."""
    if ended.had_exited:
        return not_run(GONE)
    figures = {"seconds": max(each.seconds for each in ended.containers), "grace_seconds": ended.grace_seconds}
    evidence = tuple(
        f"{each.container}: {each}, of a grace period of {ended.grace_seconds:g} s" for each in ended.containers
    )
    return (broken if any(each.sigkilled for each in ended.containers) else held)(*evidence, **figures)


def judge_exit_code(ended: Ended) -> Judgement:
    """Judge that every container ended well."""
    if ended.had_exited:
        return not_run(GONE)
    killed = [each.container for each in ended.containers if each.sigkilled]
    bad = [each for each in ended.containers if not each.sigkilled and each.exit_code not in STOP_SIGNAL_EXIT_CODES]
    if killed and not bad:
        return not_run(f"{', '.join(killed)} was killed, so that its exit code says nothing")
    evidence = tuple(f"{each.container}: exit code {each.exit_code}" for each in bad or ended.containers)
    return (broken if bad else held)(*evidence, exit_code=float((bad or list(ended.containers))[0].exit_code))
