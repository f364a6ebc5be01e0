"""Making anybody's objects playable: what podman leaves out, or does not know, is said in terms that it does."""

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.harness.errors import ManifestError
from tests.harness.kustomize import Object
from tests.harness.manifests import is_deployable, pod_spec
from tests.harness.turns import selects


def portable(objects: Iterable[Object]) -> list[Object]:
    """Return a copy with each StatefulSet of one replica as a Deployment, and with Services' target ports declared.

    Raises ManifestError for what cannot be played.
    """
    changed = [each for found in copy.deepcopy(list(objects)) for each in _deployments(found)]
    services = [found for found in changed if found["kind"] == "Service"]
    for found in changed:
        if is_deployable(found):
            for service in services:
                if selects(service, found):
                    _declare(service, pod_spec(found))
    return changed


def target_ports(service: Object, spec: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """Return a container's name, its port and the Service's entry for each port that a Service sends to."""
    for port in service["spec"].get("ports") or ():
        target = port.get("targetPort", port["port"])
        for container in spec["containers"]:
            for declared in container.get("ports") or ():
                if target in (declared.get("name"), declared["containerPort"]):
                    yield container["name"], declared["containerPort"], port


def _deployments(found: Object) -> Iterator[Object]:
    if found["kind"] != "StatefulSet":
        yield found
        return
    name, spec = found["metadata"]["name"], found["spec"]
    replicas = spec.get("replicas", 1)
    if replicas != 1:
        raise ManifestError(f"StatefulSet {name}: only one replica can be tried, because each has a part of its own")
    found["kind"] = "Deployment"
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
            spec["containers"][0].setdefault("ports", []).append({"containerPort": target})
