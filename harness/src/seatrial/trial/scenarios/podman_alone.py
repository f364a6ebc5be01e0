"""What podman alone does with lifecycle hooks: it runs none, so that the stop signal comes at once."""

import copy

from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import pod_spec
from seatrial.trial import load as loading
from seatrial.trial.balancer import notice_seconds
from seatrial.trial.claims.podman_alone import CLAIMS, PodmanAlone
from seatrial.trial.scenario import Scenario
from seatrial.trial.scenarios.under_load import terminate
from seatrial.trial.stage import Stage, start_seconds
from seatrial.trial.subject import Subject


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


def _why_not(subject: Subject) -> str | None:
    hooked = any(each.pre_stop or each.post_start for each in subject.template.containers)
    return None if hooked else "it has no lifecycle hooks"


PODMAN_ALONE = Scenario(
    name="podman-alone",
    sentence="It is terminated under load by podman alone, which runs no hooks.",
    run=run,
    claims=CLAIMS,
    seconds=lambda subject: start_seconds(subject) + notice_seconds(subject.container) + 10.0,
    inapplicable=_why_not,
    loud=True,
)
