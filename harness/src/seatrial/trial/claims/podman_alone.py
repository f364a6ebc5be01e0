"""What podman alone loses, which runs no lifecycle hooks."""

from dataclasses import dataclass

from seatrial.trial.balancer import notice_seconds
from seatrial.trial.judgement import Judgement, claim, held, not_applicable, not_run
from seatrial.trial.seen import Seen
from seatrial.trial.termination import Ended


@dataclass(frozen=True, kw_only=True)
class PodmanAlone(Seen):
    """The same end under load as with the hooks; None is what it did not come to."""

    ready: bool = False
    ended: Ended | None = None


@claim("podman.loses-none-either", "On podman alone, which runs no lifecycle hooks, no request is lost either.")
def loses_none_either(seen: PodmanAlone) -> Judgement:
    """Count what was lost: that is not broken, because manifests with hooks promise it to clusters alone."""
    if seen.ended is None:
        return not_applicable("it serves no HTTP") if seen.ready else not_run("it was never ready without its hooks")
    until = seen.ended.deleted_at + notice_seconds(seen.subject.container)
    sent = [each for each in seen.record.requests if seen.ended.deleted_at <= each.sent_at <= until]
    lost = [each for each in sent if seen.lost(each)]
    if not sent:
        return not_run("no request was sent")
    said = f"{len(lost)} of {len(sent)} requests were lost: the stop signal comes at once"
    evidence, figures = (said, *map(str, seen.ended.containers)), {"requests": len(sent), "lost": len(lost)}
    return not_applicable("only the hooks promise it", *evidence, **figures) if lost else held(*evidence, **figures)


CLAIMS = (loses_none_either,)
