"""Bad input: whatever is sent, it stays ready, and answers what is good."""

from seatrial.trial.judgement import Judgement, broken, claim, held, not_run
from seatrial.trial.seen import Lifetime
from seatrial.trial.verdict import Verdict


@claim(
    "bad-input.stays-ready",
    "Malformed, huge, slow and endless requests leave it ready and running.",
    timed=lambda seen: seen.abused,
)
def stays_ready(seen: Lifetime) -> Judgement:
    """Judge the time of the bad input, and the requests that follow it."""
    if seen.abused is None:
        return seen.untried()
    ready = seen.stays_ready(seen.abused)
    if ready.verdict is not Verdict.HELD:
        return ready
    sent = seen.requests(seen.after_abuse) if seen.after_abuse else []
    bad = [each for each in sent if seen.lost(each)]
    if bad:
        return broken(f"{len(bad)} of {len(sent)} good requests after it were lost: {bad[0]}", lost=len(bad))
    if not sent:
        return not_run("no good request was sent after it")
    said = f"{seen.abuses} bad requests were sent; {len(sent)} good ones after them were answered"
    return held(said, *ready.evidence, bad_requests=seen.abuses, good_requests=len(sent))


CLAIMS = (stays_ready,)
