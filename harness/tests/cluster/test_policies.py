"""Which NetworkPolicies restrict pods, in which direction, and what the harness opens for its own client."""

from typing import Any

import pytest

from seatrial.cluster import client
from seatrial.cluster.policies import policies
from seatrial.cluster.workload import workloads
from seatrial.manifests.kustomize import Object
from seatrial.manifests.network_policy import directions, isolating

WEB: Object = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "selector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "web:1"}]},
        },
    },
}


def policy(version: str = "networking.k8s.io/v1", **spec: Any) -> Object:
    """Return a NetworkPolicy."""
    return {"apiVersion": version, "kind": "NetworkPolicy", "metadata": {"name": "policy"}, "spec": spec}


def of_app(*values: str) -> dict[str, Any]:
    """Return a selector of pods by their label `app`."""
    return {"matchExpressions": [{"key": "app", "operator": "In", "values": [*values]}]}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, {"Ingress"}),
        ({"egress": [{}]}, {"Ingress", "Egress"}),
        ({"egress": []}, {"Ingress"}),
        ({"policyTypes": ["Egress"]}, {"Egress"}),
        ({"policyTypes": [], "egress": [{}]}, {"Ingress", "Egress"}),
    ],
)
def test_policy_restricts_the_directions_that_it_names(spec: dict[str, Any], expected: set[str]) -> None:
    """policyTypes, or what the API server makes of the rules where there are none."""
    assert directions(policy(podSelector={}, **spec)) == expected


def test_policy_isolates_whom_it_selects() -> None:
    """By expressions as by labels, and in its direction alone; Calico's has a selector of another form."""
    assert isolating([policy(podSelector=of_app("db", "web"))], {"app": "web"}, "Ingress")
    assert not isolating([policy(podSelector=of_app("db"))], {"app": "web"}, "Ingress")
    assert not isolating([policy(podSelector=of_app("web"))], {"app": "web"}, "Egress")
    assert not isolating([policy("projectcalico.org/v3", podSelector=of_app("web"))], {"app": "web"}, "Ingress")


def test_client_is_let_through_where_the_overlay_restricts() -> None:
    """To the workload's pods, by its own selector, even one of expressions alone; nothing is opened for nothing."""
    (web,) = workloads([WEB])
    (opened,) = policies(web, [WEB, policy(podSelector=of_app("web"))], "n")
    assert opened["spec"]["podSelector"] == WEB["spec"]["selector"]
    assert opened["spec"]["ingress"] == [{"from": [{"podSelector": {"matchLabels": client.LABELS}}]}]
    assert policies(web, [WEB, policy(podSelector=of_app("db"))], "n") == []
