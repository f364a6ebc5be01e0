"""Playing workloads one after the other, so that each is found under the names of the Services that send to it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import is_deployable
from seatrial.manifests.service import leads_to

ONCE = ("PersistentVolumeClaim", "Secret")
"""What podman keeps: to play it again with the next workload would make it anew."""


@dataclass(frozen=True)
class Turn:
    """One workload with the objects that it is played with, and the names that others call it by."""

    objects: Sequence[Object]
    aliases: tuple[str, ...]

    def on(self, network: str) -> str:
        """Return a network as podman's --network wants it, with the names."""
        options = ",".join(f"alias={alias}" for alias in self.aliases)
        return f"{network}:{options}" if options else network


def turns(objects: Sequence[Object]) -> Iterator[Turn]:
    """Return a turn for each workload, in the objects' order; the first has all that is not a workload."""
    others = [found for found in objects if not is_deployable(found)]
    services = [found for found in others if found["kind"] == "Service"]
    for workload in (found for found in objects if is_deployable(found)):
        yield Turn([*others, workload], tuple(_aliases(workload, services)))
        others = [found for found in others if found["kind"] not in ONCE]


def _aliases(workload: Object, services: Iterable[Object]) -> Iterator[str]:
    for service in services:
        if leads_to(service, workload):
            name, namespace = service["metadata"]["name"], service["metadata"].get("namespace", "default")
            yield from (name, f"{name}.{namespace}", f"{name}.{namespace}.svc", f"{name}.{namespace}.svc.cluster.local")
