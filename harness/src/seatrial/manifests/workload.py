"""What makes pods, as its owner wrote it: a workload of any kind with a pod spec, and its containers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.place import Place, Step, whole
from seatrial.manifests.probe import PROBES, DeclaredProbe
from seatrial.manifests.quantity import quantity

TEMPLATES = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Pod": (),
}
"""Where each kind of workload has its pods' template."""
FINITE = ("Job", "CronJob")


def template(source: Object) -> dict[str, Any]:
    """Return a workload's template of its pods, empty when that has no containers."""
    found = written(source)
    return found if (found.get("spec") or {}).get("containers") else {}


def written(source: Object) -> dict[str, Any]:
    """Return a workload's template of its pods as it was written, complete or not."""
    found: Any = source
    for step in TEMPLATES[source["kind"]]:
        found = found.get(step) or {}
    return dict(found)


@dataclass(frozen=True)
class Container:
    """One container of a workload's pods; `path` has the steps to it from the workload's object."""

    workload: "Workload"
    raw: Mapping[str, Any]
    ends: bool
    path: tuple[Step, ...]

    @property
    def name(self) -> str:
        """Return its name in the pod."""
        return str(self.raw["name"])

    @property
    def where(self) -> Place:
        """Return where it stands."""
        return self.workload.where.part(f"container {self.name}", *self.path)

    def probe_at(self, name: str) -> Place:
        """Return where one of its probes stands, by its name: startup, readiness, liveness."""
        return self.where.part(f"{name} probe", PROBES[name])

    @property
    def image(self) -> str:
        """Return the image's reference, empty where there is none."""
        return str(self.raw.get("image", ""))

    @property
    def ports(self) -> list[dict[str, Any]]:
        """Return its ports as the manifest has them."""
        return list(self.raw.get("ports", ()))

    @property
    def probes(self) -> dict[str, DeclaredProbe]:
        """Return its probes by their names: startup, readiness, liveness."""
        return {name: DeclaredProbe(name, self.raw[field]) for name, field in PROBES.items() if field in self.raw}

    @property
    def security(self) -> dict[str, Any]:
        """Return its security context, with what the pod's gives it."""
        return {**self.workload.spec.get("securityContext", {}), **self.raw.get("securityContext", {})}

    @property
    def mounts(self) -> dict[str, str]:
        """Return the names of its volumes by the paths they are mounted on."""
        return {mount["mountPath"]: mount["name"] for mount in self.raw.get("volumeMounts", ())}

    def limit(self, resource: str) -> float | None:
        """Return its limit of a resource, in CPUs or bytes; None without one."""
        return self._resource("limits", resource)

    def request(self, resource: str) -> float | None:
        """Return its request of a resource, which is its limit by default; None without either."""
        asked = self._resource("requests", resource)
        return self.limit(resource) if asked is None else asked

    def _resource(self, side: str, resource: str) -> float | None:
        given = self.raw.get("resources", {}).get(side, {}).get(resource)
        return None if given is None else quantity(given)

    def port_number(self, port: int | str) -> int | None:
        """Return the number of a port that is given by number or name; None for a name that it does not have."""
        if isinstance(port, int):
            return port
        return next((int(named["containerPort"]) for named in self.ports if named.get("name") == port), None)


class Workload:
    """One object that makes pods; raises ManifestError when it has no pod spec."""

    def __init__(self, source: Object) -> None:
        self.source = source
        self.template = template(source)
        if not self.template:
            raise ManifestError(f"{self.where}: it has no containers")
        self.spec: dict[str, Any] = self.template["spec"]

    @property
    def kind(self) -> str:
        """Return its kind."""
        return str(self.source["kind"])

    @property
    def name(self) -> str:
        """Return its name."""
        return str(self.source["metadata"]["name"])

    @property
    def where(self) -> Place:
        """Return where it stands: all of its object."""
        return whole(self.source)

    def pod_at(self, *steps: Step) -> Place:
        """Return where a field of its pods' spec stands."""
        return self.where.at(*TEMPLATES[self.kind], "spec", *steps)

    @property
    def labels(self) -> dict[str, str]:
        """Return its pods' labels."""
        return dict(self.template.get("metadata", {}).get("labels", {}))

    @property
    def replicas(self) -> int:
        """Return how many pods its object asks for, an autoscaler apart."""
        return int(self.source.get("spec", {}).get("replicas", 1))

    @property
    def on_windows(self) -> bool:
        """Tell whether its pods are for nodes with Windows, as they say themselves."""
        return bool(self.spec.get("os", {}).get("name") == "windows")

    @property
    def finite(self) -> bool:
        """Tell whether its pods are meant to end by themselves."""
        return self.kind in FINITE

    @property
    def grace_period_seconds(self) -> int:
        """Return the time that its pods have to end."""
        return int(self.spec.get("terminationGracePeriodSeconds", 30))

    def containers(self) -> Iterator[Container]:
        """Return all containers, init containers first; sidecars among those do not end."""
        for field in ("initContainers", "containers"):
            for index, raw in enumerate(self.spec.get(field, ())):
                ends = raw.get("restartPolicy") != "Always" if field == "initContainers" else self.finite
                yield Container(self, raw, ends, self.pod_at(field, index).path)

    def volume_at(self, name: str) -> Place:
        """Return where one of its volumes stands."""
        names = [volume["name"] for volume in self.spec.get("volumes", ())]
        return self.pod_at("volumes", names.index(name))

    def serving(self) -> Iterator[Container]:
        """Return the containers that run until they are told to end."""
        return (container for container in self.containers() if not container.ends)

    def volumes(self) -> dict[str, dict[str, Any]]:
        """Return its volumes by name."""
        return {volume["name"]: volume for volume in self.spec.get("volumes", ())}
