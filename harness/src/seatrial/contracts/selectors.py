"""Label selectors: what selects pods finds some."""

from collections.abc import Iterator

from seatrial.contracts.contract import Check, contract
from seatrial.contracts.kubernetes_schema import SHAPES, is_custom
from seatrial.contracts.overlay import Overlay, together
from seatrial.manifests.kustomize import Object
from seatrial.manifests.place import whole
from seatrial.manifests.selector import LabelSelector, pod_selector
from seatrial.manifests.workload import Workload

SELECTING = (
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "Service",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "PodMonitor",
)


def selected(overlay: Overlay, of: Object, selector: LabelSelector | None = None) -> list[Workload]:
    """Return the workloads whose pods an object selects, where it looks: by a selector in it, or else its own."""
    selector = pod_selector(of) if selector is None else selector
    return [
        workload
        for workload in overlay.workloads()
        if selector.selects(workload.labels) and looks_at(of, workload.source)
    ]


def looks_at(found: Object, other: Object) -> bool:
    """Tell whether what selects looks where another object is: in its own namespace, unless it says in which."""
    return "namespaceSelector" in found.get("spec", {}) or together(found, other)


@contract
def selectors_find_pods(overlay: Overlay) -> Iterator[Check]:
    """What selects pods by labels selects some that are there, and a workload its own."""
    if not list(overlay.workloads()):
        return
    for found in overlay.of_kind(*SELECTING):
        if not (selector := pod_selector(found)):
            continue
        pods = selected(overlay, found)
        if "template" in found.get("spec", {}):
            pods = [workload for workload in pods if workload.source is found]
        elif not pods and _has_a_controllers_name(overlay, selector):
            continue
        names = ", ".join(str(workload.where) for workload in pods)
        where = whole(found).at("spec", "podSelector" if found["kind"] == "NetworkPolicy" else "selector")
        yield Check(where, bool(pods), f"selects {selector}: {f'the pods of {names}' if pods else 'no pod'}")


def _has_a_controllers_name(overlay: Overlay, selector: LabelSelector) -> bool:
    """Tell whether a selector names a custom resource: its controller may make pods, with its name as a label."""
    names = [found["metadata"]["name"] for found in overlay.objects if is_custom(found) and found["kind"] not in SHAPES]
    return any(value in names for requirement in selector.requirements or () for value in requirement.values)
