"""What selects pods finds some, with the API's meaning of selectors in every contract."""

from typing import Any

import pytest

from harness.tests.contracts.deployments import container, service, told, workload
from seatrial.contracts import CONTRACTS, Overlay
from seatrial.manifests.kustomize import Object

WEB = workload("Deployment", container("web"), selector={"matchLabels": {"app": "web"}}, replicas=2)


def policy(pod_selector: dict[str, Any], **spec: Any) -> Object:
    """Return a NetworkPolicy for the pods of a selector."""
    metadata = {"name": "policy"}
    spec = {"podSelector": pod_selector, **spec}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def budget(**spec: Any) -> Object:
    """Return a PodDisruptionBudget."""
    metadata = {"name": "budget"}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec}


def words(contract: str, *objects: Object) -> list[str]:
    """Return what a contract for clusters says of the workloads."""
    (found,) = (candidate for candidate in CONTRACTS if candidate.name == contract)
    return [check.text for check in found(Overlay("theirs", objects, "cluster"))]


def test_pods_of_a_custom_resource_are_not_missed() -> None:
    """A controller labels the pods that it makes with the resource's name; a value like that of pods here is theirs."""
    cluster = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "shop-db"}, "spec": {}}
    chosen = policy({"matchLabels": {"cnpg.io/cluster": "shop-db"}})
    shop = workload("Pod", container("shop"))
    assert told("selectors_find_pods", shop, chosen, cluster) == []
    assert told("selectors_find_pods", shop, chosen) == [], "an operator may make them, of what is deployed elsewhere"
    misspelt = policy({"matchLabels": {"name": "shopp"}})
    assert told("selectors_find_pods", shop, misspelt, cluster) == [False]
    cluster["metadata"] = {"name": "shopp"}
    assert told("selectors_find_pods", shop, misspelt, cluster) == []


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"statefulset.kubernetes.io/pod-name": "db-0"}, [True, True]),
        ({"app": "db", "apps.kubernetes.io/pod-index": "1"}, [True, True]),
        ({"app": "db", "statefulset.kubernetes.io/pod-name": "web-0"}, [True, False]),
        ({"app": "dv"}, [True, False]),
        ({"app": "cache"}, [True, False]),
        ({"example.com/made-by": "operator"}, [True]),
    ],
)
def test_service_selects_by_labels_that_a_controller_gives(labels: dict[str, str], expected: list[bool]) -> None:
    """A StatefulSet names each of its pods; what selects by labels that nothing here has may be an operator's."""
    db = workload("StatefulSet", container("db"), selector={"matchLabels": {"app": "db"}})
    found = service("one", 5432)
    found["spec"]["selector"] = labels
    assert told("selectors_find_pods", db, found) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["db"], "policies: none; none for Egress and Ingress"),
        (["db", "web"], "policies: policy; none for Egress"),
    ],
)
def test_policy_by_expression_isolates_whom_it_selects(values: list[str], expected: str) -> None:
    """`app In [db]` is not for `app: web`."""
    chosen = policy({"matchExpressions": [{"key": "app", "operator": "In", "values": values}]})
    assert words("pods_are_isolated", WEB, chosen) == [expected]


def test_policy_of_another_namespace_isolates_nobody_here() -> None:
    """A policy is for the pods of its own namespace, if that is known."""
    web = {**WEB, "metadata": {**WEB["metadata"], "namespace": "shop"}}
    other = policy({})
    other["metadata"]["namespace"] = "billing"
    assert words("pods_are_isolated", web, other) == ["policies: none; none for Egress and Ingress"]
    other["metadata"]["namespace"] = "shop"
    assert words("pods_are_isolated", web, other) == ["policies: policy; none for Egress"]


@pytest.mark.parametrize(("spec", "expected"), [({}, "none"), ({"selector": {}}, "budget")])
def test_budget_without_a_selector_keeps_no_pod(spec: dict[str, Any], expected: str) -> None:
    """An empty selector is of all pods of the namespace, a missing one of none."""
    said = words("disruption_budgets_are_single", WEB, budget(maxUnavailable=1, **spec))
    assert said == [f"PodDisruptionBudgets: {expected}"]


def test_selector_is_told_as_kubectl_writes_it() -> None:
    """Expressions too, with what they find."""
    expression = {"key": "tier", "operator": "NotIn", "values": ["db"]}
    chosen = policy({"matchLabels": {"app": "web"}, "matchExpressions": [expression]})
    assert words("selectors_find_pods", WEB, chosen)[-1] == (
        "selects app=web,tier notin (db): the pods of Deployment web"
    )
