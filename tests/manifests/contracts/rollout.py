"""Rollouts and disruptions: capacity is kept, and nothing is stuck."""

from collections.abc import Iterator
from typing import Any

from tests.harness.manifests import COMPONENT
from tests.manifests.overlay import Overlay


def rollout_keeps_capacity(overlay: Overlay) -> Iterator[str]:
    """With more than one replica, a rollout takes none away before its successor is Ready."""
    for found in overlay.of_kind("Deployment"):
        name, spec = found["metadata"]["name"], found["spec"]
        strategy: dict[str, Any] = spec.get("strategy", {})
        if spec.get("replicas", 1) == 1 and strategy.get("type") == "Recreate":
            continue
        update = strategy.get("rollingUpdate", {})
        if strategy.get("type") != "RollingUpdate" or update.get("maxUnavailable") != 0:
            yield f"Deployment {name}: strategy must be RollingUpdate with maxUnavailable 0, is {strategy}"


def disruption_is_possible(overlay: Overlay) -> Iterator[str]:
    """Every Deployment has a PodDisruptionBudget that lets a node be drained."""
    budgets = list(overlay.of_kind("PodDisruptionBudget"))
    for found in overlay.of_kind("Deployment"):
        name, labels = found["metadata"]["name"], found["spec"]["template"]["metadata"]["labels"]
        ours = [budget for budget in budgets if budget["spec"]["selector"]["matchLabels"].items() <= labels.items()]
        if len(ours) != 1:
            yield f"Deployment {name}: {len(ours)} PodDisruptionBudgets select it, must be 1"
        for budget in ours:
            if budget["spec"].get("maxUnavailable", 0) in (0, "0%"):
                yield f"Deployment {name}: its PodDisruptionBudget never allows a disruption"
            if budget["spec"].get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
                yield f"Deployment {name}: a pod that is not Ready must not block a drain (unhealthyPodEvictionPolicy)"


def selectors_match(overlay: Overlay) -> Iterator[str]:
    """What selects pods finds some: Services with a port of theirs, NetworkPolicies, and Deployments themselves."""
    pods = [(workload.labels, workload) for workload in overlay.workloads()]
    selectors = [
        (found, found["spec"].get("selector") or found["spec"].get("podSelector") or {})
        for kind in ("Service", "NetworkPolicy", "Deployment")
        for found in overlay.of_kind(kind)
    ]
    for found, selector in selectors:
        wanted = selector.get("matchLabels", selector)
        selected = [workload for labels, workload in pods if wanted.items() <= labels.items()]
        name = f"{found['kind']} {found['metadata']['name']}"
        if not selected:
            yield f"{name}: no pod has the labels {wanted}"
        ports = {port.get("name") for workload in selected for c in workload.spec["containers"] for port in c["ports"]}
        for port in found["spec"].get("ports", ()) if found["kind"] == "Service" else ():
            if selected and port.get("targetPort") not in ports:
                yield f"{name}: its pods have no port named {port.get('targetPort')}"


def dependencies_start_first(overlay: Overlay) -> Iterator[str]:
    """What others wait for is rendered before them, a database before the service, and that before a proxy."""
    order = [(_turn(workload.labels.get(COMPONENT)), workload.name) for workload in overlay.workloads()]
    for late, (turn, name) in enumerate(order):
        for earlier_turn, earlier in order[:late]:
            if earlier_turn > turn:
                yield f"{name} is rendered after {earlier}, and so played by podman: give it a name that sorts before"


def _turn(component: str | None) -> int:
    # No component: the application itself.
    return {None: 1, "proxy": 2}.get(component, 0)
