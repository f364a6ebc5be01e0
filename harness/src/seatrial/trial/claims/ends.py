"""Ends other than under load: idle, while it starts, and by two signals."""

from dataclasses import dataclass
from typing import Any

from seatrial.trial.claims.ending import ending
from seatrial.trial.judgement import Judged, Judgement, broken, claim, held, not_applicable, not_run
from seatrial.trial.seen import Seen
from seatrial.trial.termination import Ended

AGAIN_SECONDS = 1.0
"""How long after the first signal the second comes."""


@dataclass(frozen=True, kw_only=True)
class Ends(Seen):
    """Three ends of the same pod, which is started anew after each."""

    idle: Ended | None = None
    starting: Ended | None = None
    twice: Ended | None = None


@claim(
    "sigterm.twice.as-once",
    "A second SIGTERM cuts nothing short: it takes as long to end as by one.",
    # It seems to be cut short where the end by one took too long.
    timed=lambda seen: seen.idle.window if seen.idle else None,
)
def as_once(seen: Ends) -> Judgement:
    """Judge by the end that it had when idle, half of which is allowed for chance."""
    if seen.idle is None or seen.twice is None:
        return not_run("it did not come to that")
    serving = seen.subject.container.name  # it alone is signalled again
    once, twice = (end.exited_at(serving) - end.deleted_at for end in (seen.idle, seen.twice))
    said = f"{twice:.1f} s by two signals, {once:.1f} s by one"
    if once < 2 * AGAIN_SECONDS:
        return not_applicable(f"it ends {once:.1f} s after the first: there is nothing to cut short")
    return (held if twice >= once / 2 else broken)(said, seconds=twice, seconds_by_one=once)


IDLE: tuple[Judged[Any], ...] = ending("sigterm.idle", "when idle", lambda seen: seen.idle)
CLAIMS: tuple[Judged[Any], ...] = (
    *IDLE,
    *ending("sigterm.starting", "while it starts", lambda seen: seen.starting),
    *ending("sigterm.twice", "sent twice", lambda seen: seen.twice),
    as_once,
)
