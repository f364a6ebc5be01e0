"""Making rendered objects playable beside others: everything that podman keeps per host gets the run's own name."""

import base64
import copy
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any

from seatrial.errors import ManifestError
from seatrial.host.ports import HOST, free_port
from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import is_deployable, pod_spec, pods, references
from seatrial.manifests.probe import PROBES

RUN_LABEL = "seatrial.dev/run"
NAMED_KINDS = ("Deployment", "Pod", "PersistentVolumeClaim", "Secret", "ConfigMap")
OWN = "-trial"
FIELDS = {
    "spec.nodeName": "localhost",
    "spec.serviceAccountName": "default",
    "status.hostIP": "127.0.0.1",
    "status.hostIPs": "127.0.0.1",
    "status.podIP": "127.0.0.1",
    "status.podIPs": "127.0.0.1",
}
"""What a variable can be of a pod, and podman does not know: it refuses to play it (pkg/specgen/generate/kube)."""
Settings = Mapping[str, str | None]
"""Variables with their values; None takes one away, or what is mounted by this key of a ConfigMap or Secret."""


def isolate(
    objects: Iterable[Object],
    run: str,
    *,
    images: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    of: str | None = None,
    allocate_port: Callable[[], int] = free_port,
) -> list[Object]:
    """Return a copy that shares no name and no host port with another run's; `run` becomes part of every name.

    `images` replaces images by their name without tag; `settings` are environment variables for every container, or for
    those of one workload, whatever the manifests give them, and None takes one away. ManifestError when an image is to
    be replaced that nothing uses.
    """
    isolated = with_settings(with_images(objects, images or {}), settings or {}, of)
    names = {(found["kind"], found["metadata"]["name"]) for found in isolated}
    for found in isolated:
        if found["kind"] in NAMED_KINDS:
            found["metadata"]["name"] += f"-{run}"
        if is_deployable(found):
            _isolate_pod(pod_spec(found), run, names)
            template = found if found["kind"] == "Pod" else found["spec"]["template"]
            template.setdefault("metadata", {}).setdefault("labels", {})[RUN_LABEL] = run
    _publish(isolated, allocate_port)
    return isolated


def with_images(objects: Iterable[Object], images: Mapping[str, str]) -> list[Object]:
    """Return a copy with images replaced by their name without tag; ManifestError when nothing uses one."""
    changed = copy.deepcopy(list(objects))
    containers = [container for found in changed if is_deployable(found) for container in _containers(pod_spec(found))]
    used = {_image_name(container["image"]) for container in containers}
    if unknown := set(images) - used:
        raise ManifestError(
            f"no container uses the image {', '.join(sorted(unknown))}; used: {', '.join(sorted(used))}"
        )
    for container in containers:
        if replacement := images.get(_image_name(container["image"])):
            container.update(image=replacement, imagePullPolicy="Never")
    return changed


def with_settings(objects: Iterable[Object], settings: Settings, of: str | None = None) -> list[Object]:
    """Return a copy in which every container has these environment variables, whatever the manifests give them.

    With `of`, only those of the workload of this name; of ConfigMaps and Secrets it has copies of its own then.
    """
    changed = copy.deepcopy(list(objects))
    sources = [found for found in changed if found["kind"] in ("ConfigMap", "Secret")]
    workloads = [found for found in changed if is_deployable(found) and of in (None, found["metadata"]["name"])]
    if of is not None and settings:
        sources = copy.deepcopy(sources)
        changed = [*sources, *changed]
        names = {(source["kind"], source["metadata"]["name"]) for source in sources}
        for workload in workloads:
            _rename(pod_spec(workload), names, OWN)
        for source in sources:
            source["metadata"]["name"] += OWN
    for source in sources:
        _override(source, settings)
    for workload in workloads:
        _set(pod_spec(workload), settings)
    return changed


def pod_names(workload: str, run: str) -> tuple[str, str]:
    """Return what the pod of a workload may be called in a run: a Pod is one, others make one."""
    return f"{workload}-{run}", f"{workload}-{run}-pod"


def image_names(objects: Iterable[Object]) -> set[str]:
    """Return the images that pods are made of."""
    return {
        container["image"] for found in objects if is_deployable(found) for container in _containers(pod_spec(found))
    }


def playable(objects: Iterable[Object]) -> list[Object]:
    """Return a copy for podman to play that leaves probing and restarting to the harness's own kubelet."""
    played = copy.deepcopy(list(objects))
    for found in played:
        if is_deployable(found):
            pod_spec(found)["restartPolicy"] = "Never"
            for container in pod_spec(found)["containers"]:
                for probe in (*PROBES.values(), "lifecycle"):
                    container.pop(probe, None)
            _tell(found)
            for container in _containers(pod_spec(found)):
                # The images are here: another pull with each start could only bring another one.
                container["imagePullPolicy"] = "IfNotPresent"
    return played


def _tell(found: Object) -> None:
    """Give variables that the pod itself gives on a cluster a value, where podman knows none."""
    known = FIELDS | {"metadata.namespace": found["metadata"].get("namespace") or "default"}
    for container in _containers(pod_spec(found)):
        for variable in container.get("env") or ():
            field = ((variable.get("valueFrom") or {}).get("fieldRef") or {}).get("fieldPath")
            if field in known:
                variable["value"] = known[field]
                del variable["valueFrom"]


def volumes(objects: Iterable[Object]) -> Iterator[str]:
    """Name the podman volumes that playing these objects makes, beside those of claims: see `claims`."""
    for found in objects:
        for volume in pod_spec(found).get("volumes") or () if is_deployable(found) else ():
            match volume:
                case {"emptyDir": _, "name": name} | {"secret": {"secretName": name}} | {"configMap": {"name": name}}:
                    yield name


def claims(objects: Iterable[Object]) -> Iterator[str]:
    """Name the podman volumes that hold the data of persistent volume claims."""
    for found in objects:
        if found["kind"] == "PersistentVolumeClaim":
            yield found["metadata"]["name"]
        for volume in pod_spec(found).get("volumes") or () if is_deployable(found) else ():
            match volume:
                case {"persistentVolumeClaim": {"claimName": name}}:
                    yield name


def secrets(objects: Iterable[Object]) -> Iterator[str]:
    """Name the podman secrets that playing these objects makes."""
    return (found["metadata"]["name"] for found in objects if found["kind"] == "Secret")


def _isolate_pod(spec: dict[str, Any], run: str, names: set[tuple[str, str]]) -> None:
    _rename(spec, names, f"-{run}")
    for volume in spec.get("volumes") or ():
        if claim := volume.get("persistentVolumeClaim"):
            claim["claimName"] += f"-{run}"  # podman makes the volume, claimed or not
        volume["name"] += f"-{run}"
    for container in _containers(spec):
        for mount in container.get("volumeMounts") or ():
            mount["name"] += f"-{run}"


def _rename(spec: dict[str, Any], names: Container[tuple[str, str]], suffix: str) -> None:
    """Have a pod name ConfigMaps and Secrets with a suffix, but for those that were not rendered with the rest."""
    for kind, reference, key in references(spec):
        if (kind, reference[key]) in names:
            reference[key] += suffix


def _publish(objects: list[Object], allocate_port: Callable[[], int]) -> None:
    """Give every port, declared or only probed, a port of the host: rootless podman has no route to a pod."""
    specs = [pod_spec(found) for found in objects if is_deployable(found)]
    taken: set[int] = set()
    for template, spec in zip(pods(objects), specs, strict=True):
        for container, raw in zip(template.containers, spec["containers"], strict=True):
            declared = {port.container_port for port in container.ports}
            handlers: list[object] = [
                probe.handler for probe in (container.startup, container.readiness, container.liveness) if probe
            ]
            handlers += [container.post_start, container.pre_stop]
            probed = {port for handler in handlers if (port := getattr(handler, "port", None))}
            raw.setdefault("ports", []).extend({"containerPort": port} for port in sorted(probed - declared))
            for port in raw["ports"]:
                while (host_port := allocate_port()) in taken:
                    pass
                taken.add(host_port)
                port.update(hostIP=HOST, hostPort=host_port)


def _image_name(reference: str) -> str:
    return re.sub(r"(:[^/:@]+)?(@.+)?$", "", reference)


def _set(spec: dict[str, Any], settings: Settings) -> None:
    given = [{"name": name, "value": value} for name, value in settings.items() if value is not None]
    for container in _containers(spec):
        kept = [variable for variable in container.get("env") or () if variable["name"] not in settings]
        container["env"] = kept + given
    for volume in spec.get("volumes") or ():
        source = volume.get("secret") or volume.get("configMap") or {}
        if "items" in source:
            source["items"] = [item for item in source["items"] if settings.get(item["key"], "") is not None]


def _override(found: Object, settings: Settings) -> None:
    # Before podman 5.8 envFrom wrongly beats env (containers/podman#27287), so the source itself must say the same.
    for key in ("data", "stringData"):
        encoded = found["kind"] == "Secret" and key == "data"
        for name in settings.keys() & (found.get(key) or {}).keys():
            value = settings[name]
            if value is None:
                del found[key][name]
            else:
                found[key][name] = base64.b64encode(value.encode()).decode() if encoded else value


def _containers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [*(spec.get("initContainers") or ()), *spec["containers"]]
