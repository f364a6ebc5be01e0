"""A `rollout restart` under load: the Service follows readiness itself, so that every request counts."""

import asyncio

from seatrial.cluster import rollout
from seatrial.cluster.objects import revised, service_port
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import ClusterError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.native import kind
from seatrial.trial.claims.rollout import RolledOut
from seatrial.trial.cluster.play import clients, deployed
from seatrial.trial.stage import Stage
from seatrial.trial.subject import Subject
from seatrial.trial.window import Window

ROLLOUT_SECONDS = 600.0
BESIDE_SECONDS = 3.0
"""How long requests are sent before it begins, and after it is over."""
RESTARTED = "kubectl.kubernetes.io/restartedAt"


async def run(runtime: ClusterRuntime, stage: Stage) -> RolledOut:
    """Replace every pod while requests go through the Service."""
    async with deployed(runtime, stage) as played:
        if await played.until_ready() is None:
            return RolledOut(*stage.so_far())
        load = await played.load()
        if load is None:
            return RolledOut(*stage.so_far(), ready=True)
        if played.outside:
            raise ClusterError("nothing can be sent from inside the cluster: a forwarded port ends with its pod")
        deployment = played.deployment
        async with deployment.traffic(played.port, clients(load)) as traffic:
            began = stage.mark("load")
            await asyncio.sleep(BESIDE_SECONDS)
            stage.mark("rollout restart")
            (applied,) = await deployment.apply(revised([deployment.workload.object], stage.subject.name, _restart))
            await rollout.until_complete(deployment, applied["metadata"]["generation"], ROLLOUT_SECONDS)
            stage.mark("rolled out")
            await asyncio.sleep(BESIDE_SECONDS)
        stage.requests += traffic.outcomes
        stage.logs = await played.pod.logs()
        window = Window(began, stage.mark("load ends"))
    return RolledOut(*stage.so_far(), ready=True, load=load, window=window)


def _restart(template: Object) -> None:
    template.setdefault("metadata", {}).setdefault("annotations", {})[RESTARTED] = "now"


def inapplicable(subject: Subject) -> str | None:
    """Return why a rollout would tell nothing of a subject."""
    if (found := kind(subject.workload)) != "Deployment":
        return f"it is a {found}: of what a rollout brings only a Deployment's was seen to be complete"
    if subject.workload["spec"].get("replicas", 1) < 2:
        return "it has one replica: traffic goes to the pod itself, as on podman, and not through the Service"
    if subject.port is None or service_port(subject.objects, subject.workload, subject.port) is None:
        return "no Service leads to it"
    return None
