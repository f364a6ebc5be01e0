"""Disruptions and autoscaling."""

import pytest

from tests.harness.kustomize import Object
from tests.unit.harness.contracts.deployments import container, selector, told, workload


@pytest.mark.parametrize(("fewest", "expected"), [(2, True), (4, False)])
def test_budget_counts_the_pods_of_all_its_workloads(fewest: int, expected: bool) -> None:  # noqa: FBT001
    """Two of web and two of worker are four, of which two may be missed, and not none."""
    found = [workload("Deployment", container(app), replicas=2, **selector(app)) for app in ("web", "worker")]
    for each in found:
        each["spec"]["template"]["metadata"]["labels"]["part-of"] = "shop"
    spec = {"minAvailable": fewest, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    budget: Object = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "x"}}
    budget["spec"] = {**spec, "selector": {"matchLabels": {"part-of": "shop"}}}
    assert told("disruption_is_possible", *found, budget) == [expected, True]
