"""Label selectors: what selects pods finds some, with the very semantics of Kubernetes."""

from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.contracts.contract import Check, contract
from seatrial.contracts.kubernetes_schema import SHAPES, is_custom
from seatrial.contracts.overlay import Overlay, together
from seatrial.contracts.place import whole
from seatrial.contracts.workload import Workload
from seatrial.manifests.kustomize import Object

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


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Tell whether a selector selects what has these labels; an empty one selects all."""
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    return wanted and all(_holds(expression, labels) for expression in selector.get("matchExpressions", ()))


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values", ())
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None


def selected(overlay: Overlay, selector: Mapping[str, Any] | None, of: Object | None = None) -> list[Workload]:
    """Return the workloads whose pods a selector selects, if it is `of` an object where that looks; or else none."""
    if selector is None:
        return []
    found = (each for each in overlay.workloads() if matches(selector, each.labels))
    return [each for each in found if of is None or looks_at(of, each.source)]


def looks_at(found: Object, other: Object) -> bool:
    """Tell whether what selects looks where another object is: in its own namespace, unless it says in which."""
    return "namespaceSelector" in found.get("spec", {}) or together(found, other)


def selector_of(found: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the selector of an object that selects pods, None where it has none."""
    spec = found.get("spec", {})
    if found["kind"] == "Service":
        return {"matchLabels": spec["selector"]} if spec.get("selector") else None
    chosen = spec.get("podSelector" if found["kind"] == "NetworkPolicy" else "selector")
    return chosen if isinstance(chosen, dict) else None


@contract
def selectors_find_pods(overlay: Overlay) -> Iterator[Check]:
    """What selects pods by labels selects some that are there, and a workload its own."""
    if not list(overlay.workloads()):
        return
    for found in overlay.of_kind(*SELECTING):
        if not (selector := selector_of(found)):
            continue
        pods = selected(overlay, selector, found)
        if "template" in found.get("spec", {}):
            pods = [workload for workload in pods if workload.source is found]
        elif not pods and _has_a_controllers_name(overlay, selector):
            continue
        names = ", ".join(str(workload.where) for workload in pods)
        where = whole(found).at("spec", "podSelector" if found["kind"] == "NetworkPolicy" else "selector")
        yield Check(where, bool(pods), f"selects {selector}: {f'the pods of {names}' if pods else 'no pod'}")


def _has_a_controllers_name(overlay: Overlay, selector: Mapping[str, Any]) -> bool:
    """Tell whether a selector names a custom resource: its controller may make pods, with its name as a label."""
    names = [found["metadata"]["name"] for found in overlay.objects if is_custom(found) and found["kind"] not in SHAPES]
    return any(value in names for value in selector.get("matchLabels", {}).values())
