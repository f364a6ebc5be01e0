"""Data: what was stored is there after the pod has been replaced by another."""

from dataclasses import dataclass

from seatrial.trial.configuration import Data
from seatrial.trial.judgement import Judgement, broken, claim, held, not_run
from seatrial.trial.seen import Seen
from seatrial.trial.window import Window


@dataclass(frozen=True, kw_only=True)
class Stored(Seen):
    """How the write was answered, and the answers to the read before and after; None is what it did not come to.

    `again` is from the start of the other pod to its answer.
    """

    written: str | None = None
    before: str | None = None
    after: str | None = None
    again: Window | None = None


def _unanswered(seen: Stored) -> Window | None:
    """Return the time in which the other pod was not ready, or had no answer but an error of its own."""
    return None if (seen.after or "").startswith(("status 2", "status 4")) else seen.again


@claim(
    "data.survives-restart",
    "What was stored is still there when the pod has been replaced by another.",
    timed=_unanswered,
)
def survives_restart(seen: Stored) -> Judgement:
    """Judge what was read."""
    data = seen.subject.configuration.data
    if seen.written is None or data is None:
        return not_run("it was never ready")
    if seen.written:
        return not_run(f"the write was not accepted: {seen.written}")
    if not _has(data, seen.before):
        return not_run(f"it could not be read at once: {(seen.before or '')[:200]}")
    if not _has(data, seen.after):
        return broken(f"the new pod answers: {(seen.after or 'nothing: it was not ready')[:200]}")
    return held("the new pod has it")


def _has(data: Data, answer: str | None) -> bool:
    """Tell whether an answer is a success, and its body has what was stored: an error may repeat the path."""
    status, _, body = (answer or "").partition(": ")
    return status.startswith("status 2") and data.expects in body


CLAIMS = (survives_restart,)
