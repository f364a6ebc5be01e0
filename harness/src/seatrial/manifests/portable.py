"""Making anybody's objects playable: what podman leaves out, or does not know, is said in terms that it does."""

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import BACKOFF_LIMIT, KIND, is_deployable, pod_spec
from seatrial.manifests.probe import PROBES
from seatrial.manifests.service import leads_to

BACKOFF_LIMIT_BY_DEFAULT = 6
HELM_HOOK = "helm.sh/hook"
NOT_NOW = ("test", "test-success", "pre-delete", "post-delete", "pre-rollback", "post-rollback")
"""Hooks of a chart that are in what Helm renders, and not in what it installs."""


def portable(objects: Iterable[Object]) -> list[Object]:
    """Return a copy in kinds that can be played, and with Services' target ports declared.

    A StatefulSet of one replica, a DaemonSet and a ReplicaSet are Deployments then, and a Job is the Pod that it makes.
    CronJobs and a chart's tests are left out: their time does not come in a trial. Raises ManifestError for what cannot
    be played.
    """
    changed = [each for found in copy.deepcopy(list(objects)) for each in _playable(found)]
    services = [found for found in changed if found["kind"] == "Service"]
    for found in changed:
        if is_deployable(found):
            for service in services:
                if leads_to(service, found):
                    _declare(service, pod_spec(found))
    return changed


def comes_later(found: Object) -> bool:
    """Tell whether an object is a chart's test, or another hook that Helm does not install."""
    annotations = found["metadata"].get("annotations")
    hooks = str(annotations.get(HELM_HOOK, "")) if isinstance(annotations, dict) else ""  # else it is malformed
    return any(each.strip() in NOT_NOW for each in hooks.split(","))


def _playable(found: Object) -> Iterator[Object]:
    if comes_later(found):
        return
    match found["kind"]:
        case "StatefulSet":
            yield from _of_one_replica(found)
        case "DaemonSet" | "ReplicaSet":
            yield _as_deployment(found)
        case "Job":
            yield _pod_of_job(found)
        case "CronJob":
            return
        case _:
            yield found


def _pod_of_job(found: Object) -> Object:
    spec, template = pod_spec(found), found["spec"]["template"]
    limit = found["spec"].get("backoffLimit", BACKOFF_LIMIT_BY_DEFAULT)
    metadata = {
        "name": found["metadata"]["name"],
        "labels": (template.get("metadata") or {}).get("labels") or {},
        "annotations": {BACKOFF_LIMIT: str(limit)},
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _as_deployment(found: Object) -> Object:
    annotations = {**(found["metadata"].get("annotations") or {}), KIND: found["kind"]}
    return {**found, "kind": "Deployment", "metadata": {**found["metadata"], "annotations": annotations}}


def _of_one_replica(found: Object) -> Iterator[Object]:
    name, spec = found["metadata"]["name"], found["spec"]
    replicas = spec.get("replicas", 1)
    if replicas != 1:
        raise ManifestError(f"StatefulSet {name}: only one replica can be tried, because each has a part of its own")
    found = _as_deployment(found)
    pod = pod_spec(found)
    for template in spec.pop("volumeClaimTemplates", ()):
        volume = template["metadata"]["name"]
        claim = f"{volume}-{name}-0"
        yield {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **template, "metadata": {"name": claim}}
        pod.setdefault("volumes", []).append({"name": volume, "persistentVolumeClaim": {"claimName": claim}})
    yield found


def _declare(service: Object, spec: Mapping[str, Any]) -> None:
    """Declare the numbers that a Service sends to: Kubernetes does not need them declared, publishing does."""
    for port in service["spec"].get("ports") or ():
        target = port.get("targetPort", port["port"])
        declared = [each["containerPort"] for container in spec["containers"] for each in container.get("ports") or ()]
        if isinstance(target, int) and target not in declared:
            asked = (each for each in spec["containers"] if target in _asked(each))
            container = next(asked, spec["containers"][0])
            container["ports"] = [*(container.get("ports") or ()), {"containerPort": target}]


def _asked(container: Mapping[str, Any]) -> Iterator[Any]:
    """Return the ports that a container's probes ask."""
    for name in PROBES.values():
        yield from (each.get("port") for each in (container.get(name) or {}).values() if isinstance(each, dict))
