"""Making rendered objects fit a namespace of the run's own, on nodes that may have no registry."""

import base64
import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from seatrial.errors import ManifestError
from seatrial.manifests import credentials
from seatrial.manifests.isolation import RUN_LABEL, Settings, with_images, with_settings
from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import is_deployable, pod_spec
from seatrial.manifests.service import leads_to

OUTWARD = ("externalIPs", "externalTrafficPolicy", "healthCheckNodePort", "allocateLoadBalancerNodePorts")


def prepare(
    rendered: Sequence[Object],
    run: str,
    namespace: str,
    *,
    images: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    of: str | None = None,
) -> list[Object]:
    """Return a copy for a run's namespace, with the Secrets that it references and lacks.

    `images` replaces images by their name without tag; `settings` are environment variables for every container, or
    for those of the workload `of`. Raises ManifestError for what no restricted namespace, or no node without a
    registry, would run.
    """
    used = {name: reference for name, reference in (images or {}).items() if uses(rendered, name)}
    complete = [*rendered, *credentials.missing(rendered, credentials.value_of_run(run))]
    prepared = with_settings(with_images(complete, used), settings or {}, of)
    for found in prepared:
        if found["kind"] == "Secret":
            # Write-only, stringData would be told to have changed with each apply.
            given = {
                name: base64.b64encode(text.encode()).decode() for name, text in found.pop("stringData", {}).items()
            }
            found["data"] = {**(found.get("data") or {}), **given}
        if found["kind"] == "Service":
            _keep_inside(found)
        found["metadata"]["namespace"] = namespace
        found["metadata"].setdefault("labels", {})[RUN_LABEL] = run
        for subject in found.get("subjects") or () if found["kind"].endswith("RoleBinding") else ():
            if subject.get("namespace"):
                subject["namespace"] = namespace
        for container in _containers(found):
            if container["image"] in used.values():
                container["imagePullPolicy"] = "IfNotPresent"
            _check(found, container)
    return prepared


def named_namespaces(rendered: Iterable[Object]) -> list[str]:
    """Return those of the objects' own namespaces that a name in them, `SERVICE.NAMESPACE.svc`, still leads to."""
    objects = list(rendered)
    text, old = json.dumps(objects, default=str), {found["metadata"].get("namespace") for found in objects}
    return sorted(each for each in old if each and f".{each}.svc" in text)


def parse_images(given: Iterable[str]) -> dict[str, str]:
    """Return NAME=REF options as a mapping; ManifestError for what is none, and for tags that nodes would pull."""
    images = {}
    for text in given:
        name, _, reference = text.partition("=")
        tag = reference.rpartition("/")[2].partition(":")[2]
        if not name or not reference or ("@" not in reference and tag in ("", "latest")):
            raise ManifestError(
                f"--image {text}: give NAME=REF, the image as the manifests name it (without tag) and the one to run "
                "in its place, with a tag that is not latest, or a digest"
            )
        images[name] = reference
    return images


def revised(objects: Iterable[Object], deployment: str, change: Callable[[Object], object]) -> list[Object]:
    """Return a copy in which the pod template of a Deployment is changed: another revision."""
    changed = copy.deepcopy(list(objects))
    for found in changed:
        if found["kind"] == "Deployment" and found["metadata"]["name"] == deployment:
            change(found["spec"]["template"])
    return changed


def service_port(objects: Iterable[Object], workload: Object, port: int) -> tuple[str, int] | None:
    """Return the name and port of the Service that leads to a port of a workload's pods; None without one."""
    names = {
        each.get("name"): each["containerPort"]
        for container in pod_spec(workload)["containers"]
        for each in container.get("ports") or ()
    }
    for found in objects:
        if found["kind"] == "Service" and leads_to(found, workload):
            for each in found["spec"].get("ports") or ():
                target = each.get("targetPort", each["port"])
                if names.get(target, target) == port:
                    return found["metadata"]["name"], each["port"]
    return None


def uses(objects: Iterable[Object], name: str) -> bool:
    """Tell whether a container is made of an image of this name, whatever its tag."""
    return any(
        container["image"].startswith((f"{name}:", f"{name}@")) or container["image"] == name
        for found in objects
        for container in _containers(found)
    )


def _keep_inside(service: Object) -> None:
    """Have a Service take no port of the nodes and no address of the world: the whole cluster shares these."""
    spec = service["spec"]
    if spec.get("type") in ("NodePort", "LoadBalancer"):
        spec["type"] = "ClusterIP"
    for name in [name for name in spec if name.startswith("loadBalancer") or name in OUTWARD]:
        del spec[name]
    for port in spec.get("ports") or ():
        port.pop("nodePort", None)


def _containers(found: Object) -> Iterator[dict[str, Any]]:
    if is_deployable(found):
        spec = pod_spec(found)
        yield from (*(spec.get("initContainers") or ()), *spec["containers"])


def _check(found: Object, container: Mapping[str, Any]) -> None:
    where = f"{found['kind']} {found['metadata']['name']}, container {container['name']}"
    for port in container.get("ports") or ():
        if port.get("hostPort"):
            raise ManifestError(
                f"{where}: it publishes port {port['hostPort']} of its node, which Pod Security restricted forbids; "
                "give an overlay that is meant for a cluster"
            )
    tag = container["image"].rpartition("/")[2].partition(":")[2]
    if "@" not in container["image"] and tag in ("", "latest"):
        raise ManifestError(f"{where}: its image {container['image']} has no exact tag; give one by --image NAME=REF")
