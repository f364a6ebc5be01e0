"""Playing workloads one after the other: what others wait for first, each under the names of its Services."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import COMPONENT, is_deployable, pod_labels
from seatrial.manifests.service import leads_to

ONCE = ("PersistentVolumeClaim", "Secret")
"""What podman keeps: to play it again with the next workload would make it anew."""

PROXY = "proxy"
"""The component that sends to the application, where every other one is what the application waits for."""


def in_order(objects: Iterable[Object]) -> list[Object]:
    """Return objects with components such as a database before the application, and a proxy after it.

    Podman starts a workload only when the init containers of the one before have ended, and an init container may wait
    for a database; Kustomize sorts workloads by their names.
    """
    found = [*objects]
    workloads = iter(sorted(filter(is_deployable, found), key=_rank))
    return [next(workloads) if is_deployable(each) else each for each in found]


def _rank(workload: Object) -> int:
    # Without the label it is the application itself.
    return {None: 1, PROXY: 2}.get(pod_labels(workload).get(COMPONENT), 0)


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
