"""What podman alone does with lifecycle hooks: it runs none, so that the stop signal comes at once."""

import copy
from dataclasses import dataclass

from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import pod_spec
from seatrial.trial import load as loading
from seatrial.trial.balancer import notice_seconds
from seatrial.trial.judgement import Judgement, claim, held, not_applicable, not_run
from seatrial.trial.scenario import Scenario
from seatrial.trial.scenarios.under_load import terminate
from seatrial.trial.seen import Seen
from seatrial.trial.stage import Stage, start_seconds
from seatrial.trial.subject import Subject
from seatrial.trial.termination import Ended


@dataclass(frozen=True, kw_only=True)
class PodmanAlone(Seen):
    """The same end under load as with the hooks; None is what it did not come to."""

    ready: bool = False
    ended: Ended | None = None


async def run(stage: Stage) -> PodmanAlone:
    """Terminate it under load, without its hooks."""
    ended = None
    async with stage.deployed(objects=without_hooks(stage.subject)) as played:
        ready = await stage.until_ready(played) is not None
        load = await loading.find(played) if ready else None
        if load:
            ended = await terminate(stage, played, load)
    return PodmanAlone(*stage.so_far(), ready=ready, ended=ended)


def without_hooks(subject: Subject) -> list[Object]:
    """Return the objects as podman takes them."""
    objects = copy.deepcopy(list(subject.objects))
    for found in objects:
        if found["kind"] == subject.workload["kind"] and found["metadata"]["name"] == subject.name:
            for container in pod_spec(found)["containers"]:
                container.pop("lifecycle", None)
    return objects


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


def _why_not(subject: Subject) -> str | None:
    hooked = any(each.pre_stop or each.post_start for each in subject.template.containers)
    return None if hooked else "it has no lifecycle hooks"


PODMAN_ALONE = Scenario(
    name="podman-alone",
    sentence="It is terminated under load by podman alone, which runs no hooks.",
    run=run,
    claims=(loses_none_either,),
    seconds=lambda subject: start_seconds(subject) + notice_seconds(subject.container) + 10.0,
    inapplicable=_why_not,
    loud=True,
)
