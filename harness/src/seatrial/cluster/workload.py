"""What makes pods: a Deployment, a Pod or another kind of the overlay, and which of the cluster's pods are its."""

from dataclasses import dataclass
from typing import Any

from seatrial.manifests.kustomize import Object
from seatrial.manifests.native import kind
from seatrial.manifests.pods import PodTemplate, is_deployable, pod_labels, pods
from seatrial.manifests.service import leads_to

HASH = "pod-template-hash"


@dataclass(frozen=True)
class Workload:
    """An object that makes pods, their template as the harness reads it, and whether a Service leads to them."""

    object: Object
    template: PodTemplate
    served: bool

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.object["metadata"]["name"])

    @property
    def kind(self) -> str:
        """Its kind on the cluster."""
        return kind(self.object)

    @property
    def replicas(self) -> int:
        """How many pods it wants."""
        return int(self.object["spec"].get("replicas", 1)) if self.object["kind"] == "Deployment" else 1

    @property
    def labels(self) -> dict[str, str]:
        """The labels of its pods."""
        return pod_labels(self.object)

    @property
    def selector(self) -> dict[str, Any]:
        """The label selector of its pods, as a manifest has it."""
        own = {"matchLabels": self.labels}
        return own if self.object["kind"] == "Pod" else dict(self.object["spec"]["selector"])

    def owns(self, pod: dict[str, Any]) -> bool:
        """Tell whether a pod of its namespace is its."""
        metadata = pod["metadata"]
        if self.kind == "Pod":
            return bool(metadata["name"] == self.name)
        owner = (self.kind, self.name)
        if self.kind == "Deployment":
            owner = ("ReplicaSet", f"{self.name}-{(metadata.get('labels') or {}).get(HASH)}")
        return any((each["kind"], each["name"]) == owner for each in metadata.get("ownerReferences") or ())


def workloads(objects: list[Object]) -> tuple[Workload, ...]:
    """Return what makes pods among objects; ManifestError for kinds that are not understood."""
    makers = [found for found in objects if is_deployable(found)]
    services = [found for found in objects if found["kind"] == "Service"]

    def served(maker: Object) -> bool:
        return any(leads_to(service, maker) for service in services)

    return tuple(Workload(maker, made, served(maker)) for maker, made in zip(makers, pods(makers), strict=True))
