"""Label selectors, with Kubernetes' semantics."""

from typing import Any

import pytest

from harness.tests.contracts.deployments import container, told, workload
from seatrial.contracts.selectors import matches

LABELS = {"app": "a", "tier": "web"}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, True),
        ({"matchLabels": {"app": "a"}}, True),
        ({"matchLabels": {"app": "a", "zone": "z"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["b"]}]}, False),
        ({"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["z"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["a"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "zone", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]}, True),
        ({"matchLabels": {"app": "a"}, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, False),
    ],
)
def test_selector_selects(selector: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - a table
    """All that a selector asks for must be so; one that asks for nothing selects everything."""
    assert matches(selector, LABELS) is expected


def test_pods_of_a_custom_resource_are_not_missed() -> None:
    """A controller labels the pods that it makes with the resource's name; a misspelt label has nobody's."""
    policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "x"}}
    cluster = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "shop-db"}, "spec": {}}
    chosen = {**policy, "spec": {"podSelector": {"matchLabels": {"cnpg.io/cluster": "shop-db"}}}}
    shop = workload("Pod", container("shop"))
    assert told("selectors_find_pods", shop, chosen, cluster) == []
    assert told("selectors_find_pods", shop, chosen) == [False]
    cluster["metadata"] = {"name": "other"}
    assert told("selectors_find_pods", shop, chosen, cluster) == [False]
