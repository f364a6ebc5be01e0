"""NetworkPolicies: whether names can still be resolved."""

from typing import Any

import pytest

from harness.tests.contracts.deployments import container, told, workload
from seatrial.manifests.kustomize import Object

DATABASE = {"podSelector": {"matchLabels": {"app": "db"}}}
SYSTEM = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
OF_DATABASE = {"to": [DATABASE], "ports": [{"port": 5432}]}


def both(udp: int | str, tcp: int | str) -> list[dict[str, Any]]:
    """Return a port of UDP and one of TCP."""
    return [{"port": udp, "protocol": "UDP"}, {"port": tcp, "protocol": "TCP"}]


def told_of(*rules: dict[str, Any], version: str = "networking.k8s.io/v1") -> list[bool]:
    """Return what is said of pods that may call what these rules name."""
    spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [*rules]}
    policy: Object = {"apiVersion": version, "kind": "NetworkPolicy", "metadata": {"name": "x"}, "spec": spec}
    return told("names_can_be_resolved", workload("Pod", container("app")), policy)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([{"to": [DATABASE]}], [False]),
        ([OF_DATABASE, {"to": [{"ipBlock": {"cidr": "10.1.2.3/32"}}]}], [False]),
        ([OF_DATABASE, {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}], [True]),
        ([OF_DATABASE, {"to": [{"ipBlock": {"cidr": "169.254.20.10/32"}}], "ports": both(53, 53)}], [True]),
        ([{"to": [SYSTEM]}], [True]),
        ([{"to": [SYSTEM], "ports": both("dns", "dns-tcp")}], [True]),
        ([{"to": [SYSTEM], "ports": both("http", "https")}], [False]),
        ([{"to": [SYSTEM], "ports": both(5353, 5353)}], [True]),
        ([{"to": [DATABASE], "ports": both(5353, 5353)}], [False]),
        ([{"ports": []}], [True]),
        ([{"to": [SYSTEM], "ports": both(53, 54)}], [False]),
    ],
)
def test_names_are_resolved_by_whom_a_rule_may_mean(rules: list[dict[str, Any]], expected: list[bool]) -> None:
    """A pod of the own namespace and a single address are not DNS because all their ports are open."""
    assert told_of(*rules) == expected


def test_policy_of_another_api_is_not_read() -> None:
    """Its selector has another form: which pods it is for cannot be told."""
    assert told_of(OF_DATABASE) == [False]
    assert told_of(OF_DATABASE, version="projectcalico.org/v3") == []
