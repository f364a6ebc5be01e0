"""Disruptions and autoscaling."""

import pytest

from harness.tests.contracts.deployments import container, selector, told, workload
from seatrial.contracts import CONTRACTS, Overlay
from seatrial.manifests.kustomize import Object


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


def scaler(kind: str, version: str = "apps/v1") -> Object:
    """Return an autoscaler of an object called app."""
    target = {"apiVersion": version, "kind": kind, "name": "app"}
    found = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "app"}}
    return {**found, "spec": {"minReplicas": 2, "maxReplicas": 4, "scaleTargetRef": target}}


def test_autoscaler_may_have_a_target_of_another_api() -> None:
    """What is in the manifests is there, whatever its kind."""
    argo = "argoproj.io/v1alpha1"
    rollout = {"apiVersion": argo, "kind": "Rollout", "metadata": {"name": "app"}, "spec": {}}
    assert told("autoscaler_has_its_target", rollout, scaler("Rollout", argo)) == [True]
    assert told("autoscaler_has_its_target", scaler("Rollout", argo)) == [False]


def test_autoscaled_workload_has_the_replicas_that_are_said() -> None:
    """None at all is a number as well, which switches the autoscaler off."""
    (contract,) = (each for each in CONTRACTS if each.name == "autoscaler_has_its_target")
    found = workload("Deployment", container("app"), replicas=0, **selector("app"))
    (breach,) = contract.breaches(Overlay("theirs", [found, scaler("Deployment")]))
    assert str(breach) == "Deployment app: replicas 0, which HorizontalPodAutoscaler app sets"
