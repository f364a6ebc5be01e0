"""What the harness needs to know of rendered objects: pods, their containers, ports and probes, as frozen views."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.mapped_ports import mapped_ports
from seatrial.manifests.place import called
from seatrial.manifests.probe import PROBES, Exec, Handler, Hook, HttpGet, Probe, Sleep, TcpSocket, number
from seatrial.manifests.workload import TEMPLATES, template, written

DEPLOYABLE = ("Deployment", "Pod")
COMPONENT = "app.kubernetes.io/component"
"""The label of what stands beside the application that an overlay is about, with its part: `database`."""
REFERENCES = {
    "secret": "Secret",
    "secretKeyRef": "Secret",
    "secretRef": "Secret",
    "configMap": "ConfigMap",
    "configMapKeyRef": "ConfigMap",
    "configMapRef": "ConfigMap",
}
"""What a pod spec calls a ConfigMap or Secret by, in volumes and variables."""
BACKOFF_LIMIT = "seatrial.dev/backoff-limit"
"""The annotation of a Pod that a Job would make: it has work to do and ends, and may fail as often as this says."""
KIND = "seatrial.dev/kind"
"""The annotation of a Deployment that is played in place of another kind, with that kind."""


@dataclass(frozen=True)
class Port:
    """A port of a container, and where the host publishes it."""

    container_port: int
    name: str | None = None
    host_port: int | None = None


@dataclass(frozen=True)
class Container:
    """A container: `name` as in the manifest, `podman_name` as podman names it."""

    name: str
    podman_name: str
    image: str
    ports: tuple[Port, ...] = ()
    startup: Probe | None = None
    readiness: Probe | None = None
    liveness: Probe | None = None
    post_start: Hook | None = None
    pre_stop: Hook | None = None

    def host_port(self, container_port: int) -> int:
        """Return the host's port for one of the container's; ManifestError when it is not published."""
        for port in self.ports:
            if port.container_port == container_port and port.host_port:
                return port.host_port
        raise ManifestError(f"container {self.name}: port {container_port} is not published on the host")


@dataclass(frozen=True)
class PodTemplate:
    """A pod as podman will make it: a Deployment NAME becomes one pod NAME-pod, whatever its replicas."""

    name: str
    containers: tuple[Container, ...]
    init_containers: tuple[Container, ...] = ()
    grace_period_seconds: float = 30.0
    restart_policy: str = "Always"
    component: str | None = None
    backoff_limit: int | None = None
    """How often a job may fail before that counts; None of what is no job."""
    mapped_ports: Mapping[int, int] = field(default_factory=dict)
    """The ports of Services that lead to others of the pod's own."""


def pods(objects: Iterable[Object]) -> tuple[PodTemplate, ...]:
    """Return the pods that podman makes of these objects; ManifestError for what cannot be proven there."""
    return tuple(_pod(found) for found in objects if is_deployable(found))


def is_deployable(found: Object) -> bool:
    """Tell whether an object makes a pod; ManifestError for a kind of workload that is not understood."""
    if found["kind"] in TEMPLATES and found["kind"] not in DEPLOYABLE:
        allowed = " and ".join(DEPLOYABLE)
        raise ManifestError(
            f"{found['kind']} {found['metadata']['name']}: of the workloads only {allowed} can be played"
        )
    return found["kind"] in DEPLOYABLE


def is_job(found: Object) -> bool:
    """Tell whether an object makes a pod that has work to do and ends."""
    return BACKOFF_LIMIT in (found["metadata"].get("annotations") or {})


def secret_texts(secret: Object) -> dict[str, str]:
    """Return a Secret's values by their keys, decoded; ManifestError when they cannot be."""
    try:
        encoded = (secret.get("data") or {}).items()
        decoded = {key: base64.b64decode(value).decode(errors="replace") for key, value in encoded}
    except ValueError as error:
        raise ManifestError(f"Secret {secret['metadata']['name']}: its data is not base64: {error}") from error
    return decoded | {key: str(value) for key, value in (secret.get("stringData") or {}).items()}


def pod_spec(workload: Object) -> dict[str, Any]:
    """Return the pod spec of a workload of any kind; ManifestError when it has no containers."""
    if not (found := template(workload)):
        raise ManifestError(f"{called(workload)}: it has no containers")
    spec: dict[str, Any] = found["spec"]
    return spec


def pod_labels(workload: Object) -> dict[str, str]:
    """Return the labels of the pods that a workload makes."""
    return dict((written(workload).get("metadata") or {}).get("labels") or {})


def references(spec: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Return where a pod names ConfigMaps and Secrets: the kind, what has the name, and under which key."""
    sources: list[tuple[Mapping[str, Any], str]] = []
    for volume in spec.get("volumes") or ():
        sources += [(volume, "secretName")]
        sources += [(part, "name") for part in (volume.get("projected") or {}).get("sources") or ()]
    for container in (*(spec.get("initContainers") or ()), *spec["containers"]):
        sources += [(variable.get("valueFrom") or {}, "name") for variable in container.get("env") or ()]
        sources += [(source, "name") for source in container.get("envFrom") or ()]
    for source, key_of_secret in sources:
        for name, kind in REFERENCES.items():
            key = key_of_secret if name == "secret" else "name"
            if (source.get(name) or {}).get(key):
                yield kind, source[name], key


def _pod(found: Object) -> PodTemplate:
    name, spec = found["metadata"]["name"], pod_spec(found)
    pod_name = name if found["kind"] == "Pod" else f"{name}-pod"
    for init in spec.get("initContainers") or ():
        if init.get("restartPolicy") == "Always":
            raise ManifestError(f"{found['kind']} {name}: podman waits for ever for the sidecar {init.get('name')}")
    return PodTemplate(
        name=pod_name,
        containers=tuple(_container(pod_name, raw) for raw in spec["containers"]),
        init_containers=tuple(_container(pod_name, raw) for raw in spec.get("initContainers") or ()),
        grace_period_seconds=float(spec.get("terminationGracePeriodSeconds", PodTemplate.grace_period_seconds)),
        restart_policy=spec.get("restartPolicy", PodTemplate.restart_policy),
        component=pod_labels(found).get(COMPONENT),
        backoff_limit=int(found["metadata"]["annotations"][BACKOFF_LIMIT]) if is_job(found) else None,
        mapped_ports=mapped_ports(found),
    )


def _container(pod_name: str, raw: Mapping[str, Any]) -> Container:
    name = raw["name"]
    ports = tuple(
        Port(port["containerPort"], port.get("name"), port.get("hostPort")) for port in raw.get("ports") or ()
    )
    return Container(
        name=name,
        podman_name=f"{pod_name}-{name}",
        image=raw.get("image", ""),
        ports=ports,
        startup=_probe(raw, PROBES["startup"], ports),
        readiness=_probe(raw, PROBES["readiness"], ports),
        liveness=_probe(raw, PROBES["liveness"], ports),
        post_start=_hook(raw, "postStart", ports),
        pre_stop=_hook(raw, "preStop", ports),
    )


def _hook(container: Mapping[str, Any], key: str, ports: tuple[Port, ...]) -> Hook | None:
    raw = (container.get("lifecycle") or {}).get(key)
    where = f"container {container['name']}: {key}"
    match raw:
        case None:
            return None
        case {"sleep": {"seconds": int(seconds)}}:
            return Sleep(float(seconds))
        case {"tcpSocket": _}:
            raise ManifestError(f"{where}: tcpSocket does nothing in Kubernetes; use exec, httpGet or sleep")
    handler = _handler(raw, ports, where)
    assert not isinstance(handler, TcpSocket)
    return handler


def _probe(container: Mapping[str, Any], key: str, ports: tuple[Port, ...]) -> Probe | None:
    raw = container.get(key)
    if raw is None:
        return None
    grace = raw.get("terminationGracePeriodSeconds")
    return Probe(
        handler=_handler(raw, ports, f"container {container['name']}: {key}"),
        initial_delay_seconds=number(raw, "initialDelaySeconds"),
        period_seconds=number(raw, "periodSeconds"),
        timeout_seconds=number(raw, "timeoutSeconds"),
        success_threshold=number(raw, "successThreshold"),
        failure_threshold=number(raw, "failureThreshold"),
        grace_period_seconds=None if grace is None else float(grace),
    )


def _handler(raw: Mapping[str, Any], ports: tuple[Port, ...], where: str) -> Handler:
    match raw:
        case {"httpGet": {"host": str()}} | {"tcpSocket": {"host": str()}}:
            raise ManifestError(f"{where}: a host of its own is not supported; leave it out to probe the pod")
        case {"httpGet": {"port": port} as http}:
            return HttpGet(
                port=_number(port, ports, where),
                path=http.get("path") or HttpGet.path,
                scheme=http.get("scheme") or HttpGet.scheme,
                headers=tuple((header["name"], header["value"]) for header in http.get("httpHeaders") or ()),
            )
        case {"tcpSocket": {"port": port}}:
            return TcpSocket(_number(port, ports, where))
        case {"exec": {"command": [*command]}} if command:
            return Exec(tuple(command))
    given = ", ".join(key for key in raw if not key.endswith(("Seconds", "Threshold"))) or "none"
    allowed = "exec, httpGet or sleep" if where.endswith(("postStart", "preStop")) else "httpGet, tcpSocket or exec"
    raise ManifestError(f"{where}: the handler must be {allowed}; given: {given}")


def _number(port: int | str, ports: tuple[Port, ...], where: str) -> int:
    if isinstance(port, int):
        return port
    for candidate in ports:
        if candidate.name == port:
            return candidate.container_port
    named = ", ".join(candidate.name for candidate in ports if candidate.name) or "none"
    raise ManifestError(f"{where}: no port is named {port!r}; named ports: {named}")
