"""What makes pods: a Deployment or a Pod of the overlay, and which of the cluster's pods are its."""

from dataclasses import dataclass
from typing import Any

from tests.harness.cluster.objects import pod_labels
from tests.harness.kustomize import Object
from tests.harness.manifests import PodTemplate, is_deployable, pods

HASH = "pod-template-hash"


@dataclass(frozen=True)
class Workload:
    """A Deployment or a Pod, and the template of its pods as the harness reads it; `served` by a Service or not."""

    object: Object
    template: PodTemplate
    served: bool

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.object["metadata"]["name"])

    @property
    def kind(self) -> str:
        """Deployment or Pod."""
        return str(self.object["kind"])

    @property
    def replicas(self) -> int:
        """How many pods it wants."""
        return int(self.object["spec"].get("replicas", 1)) if self.kind == "Deployment" else 1

    @property
    def labels(self) -> dict[str, str]:
        """The labels of its pods."""
        return pod_labels(self.object)

    @property
    def selector(self) -> dict[str, str]:
        """The labels that select its pods."""
        return dict(self.object["spec"]["selector"]["matchLabels"]) if self.kind == "Deployment" else self.labels

    def owns(self, pod: dict[str, Any]) -> bool:
        """Tell whether a pod of its namespace is its."""
        metadata = pod["metadata"]
        if self.kind == "Pod":
            return bool(metadata["name"] == self.name)
        suffix = f"-{(metadata.get('labels') or {}).get(HASH)}"
        return any(
            owner["kind"] == "ReplicaSet" and owner["name"] == self.name + suffix
            for owner in metadata.get("ownerReferences") or ()
        )


def workloads(objects: list[Object]) -> tuple[Workload, ...]:
    """Return what makes pods among objects; ManifestError for kinds that are not understood."""
    makers = [found for found in objects if is_deployable(found)]
    selectors = [(found.get("spec") or {}).get("selector") for found in objects if found["kind"] == "Service"]

    def served(maker: Object) -> bool:
        return any(selector and selector.items() <= pod_labels(maker).items() for selector in selectors)

    return tuple(Workload(maker, made, served(maker)) for maker, made in zip(makers, pods(makers), strict=True))
