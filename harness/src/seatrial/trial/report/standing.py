"""Where a claim stands when all is said: its verdict, and whether its owner has excused it."""

from enum import StrEnum

from seatrial.trial.verdict import Verdict


class Standing(StrEnum):
    """What a reader counts, in the order of how much it matters; `exempt` was broken or not run, and is excused."""

    BROKEN = "broken"
    NOT_RUN = "not run"
    EXEMPT = "exempt"
    HELD = "held"
    NOT_APPLICABLE = "not applicable"
    NOT_ASKED = "not asked"


def standing(verdict: Verdict, exempt: str | None) -> Standing:
    """Return it; an excuse changes what was broken or not run alone."""
    if exempt and verdict in (Verdict.BROKEN, Verdict.NOT_RUN):
        return Standing.EXEMPT
    return Standing(verdict)
