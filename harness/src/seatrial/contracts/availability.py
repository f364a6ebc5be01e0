"""Disruptions and autoscaling: one pod may always go, and there is another."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from seatrial.contracts.arithmetic import Term, at_most, term
from seatrial.contracts.contract import Check, contract, contract_for
from seatrial.contracts.overlay import Overlay, together
from seatrial.contracts.rollout import replicas, scaler, share
from seatrial.contracts.selectors import selected
from seatrial.manifests.place import called, whole
from seatrial.manifests.selector import LabelSelector, pod_selector
from seatrial.manifests.workload import Workload

REPLICATED = ("Deployment", "StatefulSet")
HOSTNAME = "kubernetes.io/hostname"
ONE = term("disruptions", 1)


@contract
def disruption_is_possible(overlay: Overlay) -> Iterator[Check]:
    """A PodDisruptionBudget always lets one pod go, also one that is not Ready: a node can be drained."""
    for budget in overlay.of_kind("PodDisruptionBudget"):
        spec = budget["spec"]
        pods = [each for each in selected(overlay, budget) if each.kind in REPLICATED]
        if pods:  # it counts the pods of all of them together
            first, *more = (replicas(overlay, workload)[0] for workload in pods)
            fewest = sum(more, first)
            if "minAvailable" in spec:
                kept = share(spec["minAvailable"], fewest.value, up=True)
                allowed = Term(f"{fewest} - minAvailable {spec['minAvailable']}", fewest.value - kept, 2)
            else:
                given = spec.get("maxUnavailable", 0)
                allowed = term("maxUnavailable", share(given, fewest.value, up=True), f"{given} of {fewest}")
            yield at_most(whole(budget).at("spec"), ONE, allowed)
        policy = spec.get("unhealthyPodEvictionPolicy", "IfHealthyBudget")
        yield Check(
            whole(budget).at("spec", "unhealthyPodEvictionPolicy"),
            policy == "AlwaysAllow",
            f"unhealthyPodEvictionPolicy {policy}",
        )


@contract
def disruption_budgets_are_single(overlay: Overlay) -> Iterator[Check]:
    """Pods have no two PodDisruptionBudgets, for then nothing is evicted; on a cluster they have one."""
    for workload in overlay.workloads():
        budgets = [
            found["metadata"]["name"]
            for found in overlay.of_kind("PodDisruptionBudget")
            if pod_selector(found).selects(workload.labels) and together(found, workload.source)
        ]
        if workload.kind in REPLICATED and (budgets or overlay.runtime == "cluster"):
            yield Check(workload.where, len(budgets) == 1, f"PodDisruptionBudgets: {', '.join(budgets) or 'none'}")


@contract_for("cluster")
def one_pod_may_be_missed(overlay: Overlay) -> Iterator[Check]:
    """On a cluster a workload has two pods or more, unless it may have but one (Recreate) or is scaled."""
    for workload in overlay.workloads():
        if workload.kind in REPLICATED and not scaler(overlay, workload):
            single = workload.source["spec"].get("strategy", {}).get("type") == "Recreate"
            text = f"replicas {workload.replicas}{', Recreate' if single else ''}"
            yield Check(workload.where.at("spec", "replicas"), single or workload.replicas > 1, text)


@contract_for("cluster")
def pods_are_spread(overlay: Overlay) -> Iterator[Check]:
    """On a cluster the replicas prefer different nodes, and different zones."""
    for workload in overlay.workloads():
        _, most = replicas(overlay, workload)
        if workload.kind in REPLICATED and most.value > 1:
            apart = {term_["topologyKey"] for term_ in _anti_affinity(workload) if _own(workload, term_)}
            spread = {
                rule["topologyKey"]
                for rule in workload.spec.get("topologySpreadConstraints", ())
                if _own(workload, rule)
            }
            text = f"anti-affinity by {', '.join(apart) or 'nothing'}, spread over {', '.join(spread) or 'nothing'}"
            yield Check(
                workload.pod_at("topologySpreadConstraints"), HOSTNAME in apart and bool(spread), f"{most}; {text}"
            )


def _anti_affinity(workload: Workload) -> Iterator[dict[str, Any]]:
    rules = workload.spec.get("affinity", {}).get("podAntiAffinity", {})
    preferred = rules.get("preferredDuringSchedulingIgnoredDuringExecution", ())
    required = rules.get("requiredDuringSchedulingIgnoredDuringExecution", ())
    yield from chain(required, (rule["podAffinityTerm"] for rule in preferred))


def _own(workload: Workload, rule: dict[str, Any]) -> bool:
    return LabelSelector.parse(rule.get("labelSelector")).selects(workload.labels)


@contract
def autoscaler_has_its_target(overlay: Overlay) -> Iterator[Check]:
    """An autoscaler's target is there, leaves the number of replicas to it, and has the containers that it measures."""
    for found in overlay.of_kind("HorizontalPodAutoscaler"):
        spec, where = found["spec"], whole(found).at("spec", "scaleTargetRef")
        target = f"{spec['scaleTargetRef']['kind']} {spec['scaleTargetRef']['name']}"
        near = (each for each in overlay.workloads() if together(found, each.source))
        workload = next((each for each in near if called(each.source) == target), None)
        if workload is None:
            there = any(called(each) == target for each in overlay.objects)
            yield Check(where, there, f"there is {target}" if there else f"there is no {target}")
            continue
        fixed = workload.source["spec"].get("replicas")
        text = f"replicas left to {called(found)}" if fixed is None else f"replicas {fixed}, which {called(found)} sets"
        yield Check(
            workload.where.at("spec", "replicas"),
            fixed is None,
            text,
        )
        names = {container.name for container in workload.serving()}
        for metric in spec.get("metrics", ()):
            if name := metric.get("containerResource", {}).get("container"):
                yield Check(where, name in names, f"measures container {name} out of {', '.join(names)}")


@contract
def autoscaler_keeps_two(overlay: Overlay) -> Iterator[Check]:
    """An autoscaler leaves at least two pods, and has room to add some."""
    for found in overlay.of_kind("HorizontalPodAutoscaler"):
        least = term("minReplicas", found["spec"].get("minReplicas", 1))
        yield at_most(whole(found).at("spec", "minReplicas"), term("two", 2), least)
        yield at_most(
            whole(found).at("spec", "maxReplicas"),
            least + term("one", 1),
            term("maxReplicas", found["spec"]["maxReplicas"]),
        )
