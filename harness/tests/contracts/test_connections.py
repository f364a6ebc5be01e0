"""Who reaches whom, where one rule is for several workloads."""

from typing import Any

import pytest

from harness.tests.contracts.deployments import container, selector, service, told, workload
from seatrial.manifests.kustomize import Object

SHOP = {"matchLabels": {"part-of": "shop"}}


def part(app: str, **port: Any) -> Object:
    """Return a Deployment of the shop with one port."""
    found = workload("Deployment", container(app, ports=[port] if port else []), **selector(app))
    found["spec"]["template"]["metadata"]["labels"]["part-of"] = "shop"
    return found


def policy(**spec: Any) -> Object:
    """Return a NetworkPolicy."""
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "x"}, "spec": spec}


WEB, WORKER = part("web", name="http", containerPort=8080), part("worker", name="status", containerPort=9090)


def test_policy_opens_ports_of_any_of_its_pods() -> None:
    """One policy may be for several workloads, of which each has one of its ports; of a number nothing else is said."""
    rule = {"ports": [{"port": 8080}, {"port": 9090}, {"port": "metrics"}, {"port": 7070}]}
    expected = [True, True, False]
    assert told("policy_ports_exist", WEB, WORKER, policy(podSelector=SHOP, ingress=[rule])) == expected
    peers = {"to": [{"podSelector": {"matchLabels": {"app": name}}} for name in ("web", "worker")]}
    assert told("policy_ports_exist", WEB, WORKER, policy(podSelector={}, egress=[peers | rule])) == expected


def test_port_that_a_pod_may_have_is_not_missed() -> None:
    """A pod that lists no ports may have any; one that is listed is there all the same."""
    rule = {"ports": [{"port": 8080}, {"port": 7070}]}
    assert told("policy_ports_exist", WEB, part("other"), policy(podSelector=SHOP, ingress=[rule])) == [True]


def test_monitor_scrapes_those_pods_that_have_the_port() -> None:
    """Prometheus passes over the pods without it; a port that nobody has gives no target at all."""
    for port, expected in (("http", True), ("metrics", False)):
        spec = {"selector": SHOP, "podMetricsEndpoints": [{"port": port}]}
        monitor = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PodMonitor", "metadata": {"name": "x"}}
        assert told("monitors_reach_ports", WEB, WORKER, {**monitor, "spec": spec}) == [expected]


def test_backend_that_an_annotation_describes_is_no_service() -> None:
    """The AWS load balancer's controller takes such a name for one of its actions."""
    for port, expected in (("use-annotation", []), ("http", [False])):
        named = {"name": "ssl-redirect", "port": {"name": port}}
        ingress = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "x"}}
        found = {**ingress, "spec": {"defaultBackend": {"service": named}}}
        assert told("routes_reach_services", found, service("web", 8080)) == expected
        assert told("routes_reach_services", found) == [], "what it leads to is deployed with something else"


@pytest.mark.parametrize(
    ("endpoint", "expected"), [({"targetPort": 8080}, []), ({"port": "http"}, [True]), ({"port": "metrics"}, [False])]
)
def test_monitor_of_services_names_a_port_of_theirs(endpoint: dict[str, Any], expected: list[bool]) -> None:
    """With a target port alone it names the pods', of which nothing is said."""
    found = service("web", 8080)
    found["metadata"]["labels"] = {"app": "web"}
    found["spec"]["ports"][0]["name"] = "http"
    monitor = {"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "metadata": {"name": "x"}}
    assert (
        told("monitors_reach_ports", found, {**monitor, "spec": {**selector("web"), "endpoints": [endpoint]}})
        == expected
    )
