"""The memory limit: what the kernel kills there is replaced."""

from seatrial.trial.claims import recovery
from seatrial.trial.judgement import Judged, Judgement, claim, held, not_applicable, not_run
from seatrial.trial.seen import AtLimit, Reached
from seatrial.trial.verdict import Verdict
from seatrial.trial.window import Window

MEBIBYTE = 2**20


@claim(
    "memory.at-limit",
    "At its memory limit, what the kernel kills is replaced: it is soon ready again, and serves.",
    timed=lambda seen: Window.around(each.recovered.window for each in seen.reached),
)
def at_limit(seen: AtLimit) -> Judgement:
    """Judge what followed, where one process was killed and where all were."""
    if not seen.ready:
        return not_run("it was never ready")
    judged = [(_said(each), recovery.judge(seen, each.recovered, "ready again")) for each in seen.reached]
    found = {each.verdict: Judgement(each.verdict, (said, *each.evidence), each.figures) for said, each in judged}
    if Verdict.BROKEN in found:  # whatever became of the other time
        return found[Verdict.BROKEN]
    if seen.refused:
        return not_applicable("the host does not let this user take memory in a container's place")
    if seen.untold or not seen.reached:
        return not_run(seen.untold or "it did not come to that")
    if Verdict.NOT_RUN in found:
        return found[Verdict.NOT_RUN]
    slowest = max((each for _, each in judged), key=lambda each: each.figures["seconds"])
    evidence = [line for said, each in judged for line in (said, *each.evidence)]
    return held(*evidence, limit_bytes=seen.reached[0].limit_bytes, **slowest.figures)


def _said(reached: Reached) -> str:
    killed = "all that it runs was killed, as by Kubernetes on cgroup v2" if reached.together else "the kernel killed"
    gone = f"gone then, of {reached.processes} processes: {', '.join(reached.killed)}"
    return f"at {reached.limit_bytes / MEBIBYTE:.0f} MiB {killed}; {gone}; {'; '.join(reached.exits) or 'it went on'}"


CLAIMS: tuple[Judged[AtLimit], ...] = (at_limit,)
