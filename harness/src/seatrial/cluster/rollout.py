"""Rollouts of a Deployment: when one is over, and the pods that one has made."""

from collections.abc import Collection
from typing import Any

from seatrial.cluster.deployment import ClusterDeployment
from seatrial.cluster.sightings import is_ready
from seatrial.cluster.workload import HASH
from seatrial.errors import LimitExceededError

Json = dict[str, Any]


def revision(pod: Json) -> str:
    """Return what tells the pods of one revision from those of another."""
    return str((pod["metadata"].get("labels") or {}).get(HASH, ""))


async def until_complete(
    deployment: ClusterDeployment, generation: int, limit_seconds: float, *, without: Collection[str] = ()
) -> float:
    """Return the seconds until a generation of the service's Deployment was all there was, its old pods gone, too.

    Pods named in `without` must be gone, whatever revision they are of.

    LimitExceededError has the timeline, the logs and the pods' states.
    """
    name = deployment.workload.name
    try:
        return await deployment.pod.until(
            lambda: _is_complete(deployment, generation) and not deployment.observer.pods.keys() & set(without),
            limit_seconds,
            f"generation {generation} of {name} is rolled out",
        )
    except LimitExceededError as error:
        raise LimitExceededError(f"{error}\n{await deployment.pod.report()}") from error


def newcomers(deployment: ClusterDeployment, known: set[str]) -> list[Json]:
    """Return the service's pods of revisions other than the known ones."""
    return [pod for pod in deployment.observer.of(deployment.workload) if revision(pod) not in known]


def _is_complete(deployment: ClusterDeployment, generation: int) -> bool:
    found = deployment.observer.deployments.get(deployment.workload.name, {})
    status, wanted = found.get("status") or {}, (found.get("spec") or {}).get("replicas", 1)
    counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")]
    if status.get("observedGeneration", 0) < generation or counts != [wanted] * len(counts):
        return False
    # The Deployment does not count pods that are ending, and these still answer.
    pods = [pod for pod in deployment.observer.pods.values() if deployment.workload.owns(pod)]
    return len(pods) == wanted and len({revision(pod) for pod in pods}) == 1 and all(is_ready(pod) for pod in pods)
