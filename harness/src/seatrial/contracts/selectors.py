"""Label selectors: what selects pods finds some."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from seatrial.contracts.contract import Check, contract
from seatrial.contracts.kubernetes_schema import SHAPES, is_custom
from seatrial.contracts.overlay import Overlay, together
from seatrial.manifests.kustomize import Object
from seatrial.manifests.place import whole
from seatrial.manifests.selector import LabelSelector, Requirement, pod_selector
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
NAMING = ("statefulset.kubernetes.io/pod-name", "job-name", "batch.kubernetes.io/job-name")
"""Labels with the workload's own name, behind which a StatefulSet puts the pod's number."""
OF_JOBS = (
    *NAMING[1:],
    "controller-uid",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
)
GIVEN = {
    "StatefulSet": (NAMING[0], "apps.kubernetes.io/pod-index", "controller-revision-hash"),
    "DaemonSet": ("controller-revision-hash", "pod-template-generation"),
    "Deployment": ("pod-template-hash",),
    "Job": OF_JOBS,
    "CronJob": OF_JOBS[2:],
}
"""Labels that the controllers of workloads give to pods: https://kubernetes.io/docs/reference/labels-annotations-taints/."""
ALIKE = 0.8
"""From which likeness on (difflib's ratio) one value is taken for another that is misspelt."""


def selected(overlay: Overlay, of: Object, selector: LabelSelector | None = None) -> list[Workload]:
    """Return the workloads whose pods an object selects, where it looks: by a selector in it, or else its own."""
    selector = pod_selector(of) if selector is None else selector
    return [
        workload for workload in overlay.workloads() if looks_at(of, workload.source) and _selects(selector, workload)
    ]


def _selects(selector: LabelSelector, workload: Workload) -> bool:
    """Tell whether pods are selected, by the labels of their template and those that their controller gives them."""
    return selector.requirements is not None and all(
        requirement.holds(workload.labels) or _is_given(requirement, workload) for requirement in selector.requirements
    )


def _is_given(requirement: Requirement, workload: Workload) -> bool:
    """Tell whether the workload's controller gives one pod at least, or may give it, a label that is required."""
    if requirement.key not in GIVEN.get(workload.kind, ()):
        return False
    if requirement.key in NAMING:
        return any(re.fullmatch(re.escape(workload.name) + r"(-\d+)?", value) for value in requirement.values)
    return True


def looks_at(found: Object, other: Object) -> bool:
    """Tell whether what selects looks where another object is: in its own namespace, unless it says in which."""
    return "namespaceSelector" in found.get("spec", {}) or together(found, other)


@contract
def selectors_find_pods(overlay: Overlay) -> Iterator[Check]:
    """What selects pods by labels that pods here have selects some, and a workload its own."""
    if not list(overlay.workloads()):
        return
    for found in overlay.of_kind(*SELECTING):
        if not (selector := pod_selector(found)):
            continue
        pods = selected(overlay, found)
        if "template" in found.get("spec", {}):
            pods = [workload for workload in pods if workload.source is found]
        elif not pods and not _is_about_pods_here(overlay, found, selector):
            continue
        names = ", ".join(str(workload.where) for workload in pods)
        where = whole(found).at("spec", "podSelector" if found["kind"] == "NetworkPolicy" else "selector")
        yield Check(where, bool(pods), f"selects {selector}: {f'the pods of {names}' if pods else 'no pod'}")


def _is_about_pods_here(overlay: Overlay, found: Object, selector: LabelSelector) -> bool:
    """Tell whether a selector that selects none must be meant for pods of the overlay, and not for an operator's.

    It asks for a value that pods here have, or one much like it, or, of a Service, for labels that they have. And it
    names no custom resource: its controller may make pods of that name.
    """
    labels = [label for workload in overlay.workloads() for label in workload.labels.items()]
    keys, values = {key for key, _ in labels}, {value for _, value in labels}
    requirements = selector.requirements or ()
    asked = {value for requirement in requirements for value in requirement.values}
    alike = any(get_close_matches(value, values, n=1, cutoff=ALIKE) for value in asked)
    if not alike and not (found["kind"] == "Service" and all(each.key in keys for each in requirements)):
        return False
    names = [found["metadata"]["name"] for found in overlay.objects if is_custom(found) and found["kind"] not in SHAPES]
    return asked.isdisjoint(names)
