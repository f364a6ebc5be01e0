"""Namespaces: what is in another is not what an object means; one that names none is wherever it is put."""

from typing import Any

import pytest

from harness.tests.contracts.deployments import FILES, selector, service, workload
from seatrial.contracts import CONTRACTS, Overlay
from seatrial.manifests.kustomize import Object


def within(namespace: str | None, *objects: Object) -> list[Object]:
    """Return copies of objects in a namespace."""
    more = {"namespace": namespace} if namespace else {}
    return [{**each, "metadata": {**each["metadata"], **more}} for each in objects]


def breaches(objects: list[Object]) -> set[str]:
    """Return the names of the contracts that objects break."""
    return {each.name for each in CONTRACTS if each.breaches(Overlay("theirs", objects))}


WEB = workload("Deployment", FILES, replicas=2, **selector("nginx"))
BUDGET: Any = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "nginx"},
    "spec": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", **selector("nginx")},
}
BACKEND = {"service": {"name": "nginx", "port": {"number": 80}}}
INGRESS: Any = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"name": "nginx"},
    "spec": {"defaultBackend": BACKEND},
}
MONITOR: Any = {
    "apiVersion": "monitoring.coreos.com/v1",
    "kind": "PodMonitor",
    "metadata": {"name": "nginx", "namespace": "monitoring"},
    "spec": {**selector("nginx"), "podMetricsEndpoints": [{"port": "http"}]},
}


@pytest.mark.parametrize(
    ("namespace", "expected"), [("shop", set()), (None, set()), ("default", {"selectors_find_pods"})]
)
def test_service_selects_in_its_own_namespace(namespace: str | None, expected: set[str]) -> None:
    """What names none is put where the rest is."""
    assert breaches([*within("shop", WEB), *within(namespace, service("nginx", "http"))]) == expected


@pytest.mark.parametrize(
    ("namespace", "expected"), [("shop", set()), (None, set()), ("ingress", {"routes_reach_services"})]
)
def test_ingress_leads_to_services_of_its_own_namespace(namespace: str | None, expected: set[str]) -> None:
    """It can name no other."""
    objects = [*within("shop", WEB, service("nginx", "http")), *within(namespace, INGRESS)]
    assert breaches(objects) == expected


def test_budget_of_another_namespace_is_none() -> None:
    """Two of one namespace are two."""
    assert breaches([*within("eu", WEB, BUDGET), *within("us", WEB, BUDGET)]) == set()
    assert breaches([*within("eu", WEB, BUDGET, BUDGET)]) == {"disruption_budgets_are_single"}


def test_monitor_looks_where_it_says() -> None:
    """In its own namespace, if it says nothing."""
    elsewhere = {**MONITOR, "spec": {**MONITOR["spec"], "namespaceSelector": {"matchNames": ["shop"]}}}
    assert breaches([*within("shop", WEB), elsewhere]) == set()
    assert breaches([*within("shop", WEB), MONITOR]) == {"selectors_find_pods"}
