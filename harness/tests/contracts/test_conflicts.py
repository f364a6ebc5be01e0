"""What cannot work together, and beside each what can."""

from typing import Any

import pytest

from harness.tests.contracts.deployments import container, service, workload
from seatrial.contracts import CONTRACTS, Overlay
from seatrial.manifests.kustomize import Object

CLAIMED = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
ROLLED: dict[str, Any] = {}
RECREATED = {"strategy": {"type": "Recreate"}}
MOVED = {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}}


def on_a_cluster(contract: str, *objects: Object) -> list[bool]:
    """Return what a contract says of objects for a cluster, place by place."""
    (found,) = (candidate for candidate in CONTRACTS if candidate.name == contract)
    return [check.holds for check in found(Overlay("theirs", objects, "cluster"))]


def claim(*modes: str) -> Object:
    """Return a claim that is called `data`."""
    spec = {"accessModes": list(modes), "resources": {"requests": {"storage": "1Gi"}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": spec}


def web(kind: str = "Deployment", *, container_: dict[str, Any] | None = None, **spec: Any) -> Object:
    """Return a workload called `web`."""
    return workload(kind, container_ or container("web"), selector={"matchLabels": {"app": "web"}}, **spec)


@pytest.mark.parametrize(
    ("kind", "spec", "modes", "holds"),
    [
        ("Deployment", {"replicas": 2, **RECREATED}, ["ReadWriteOnce"], False),
        ("Deployment", {"replicas": 1, **ROLLED}, ["ReadWriteOnce"], False),
        ("Deployment", {"replicas": 1, **ROLLED}, ["ReadWriteOncePod"], False),
        ("DaemonSet", {}, ["ReadWriteOnce"], False),
        ("Deployment", {"replicas": 1, **RECREATED}, ["ReadWriteOnce"], True),
        ("Deployment", {"replicas": 1, **MOVED}, ["ReadWriteOnce"], True),
        ("StatefulSet", {"replicas": 1}, ["ReadWriteOnce"], True),
    ],
)
def test_claim_of_one_node_is_of_one_pod_at_a_time(
    kind: str, spec: dict[str, Any], modes: list[str], *, holds: bool
) -> None:
    """One that many may write is of as many as there are, and nothing is said of it."""
    found = web(kind, **spec)
    found["spec"]["template"]["spec"]["volumes"] = CLAIMED
    assert on_a_cluster("claims_can_be_shared", found, claim(*modes)) == [holds]
    assert on_a_cluster("claims_can_be_shared", found, claim("ReadWriteMany")) == []


@pytest.mark.parametrize(
    ("resource", "target", "expected"),
    [
        ("cpu", {"type": "Utilization", "averageUtilization": 80}, [False]),
        ("memory", {"type": "Utilization", "averageUtilization": 80}, [True]),
        ("cpu", {"type": "AverageValue", "averageValue": "500m"}, []),
    ],
)
def test_autoscaler_by_a_share_of_a_request_takes_a_request(
    resource: str, target: dict[str, Any], expected: list[bool]
) -> None:
    """By a value it takes none."""
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "maxReplicas": 3,
        "metrics": [{"type": "Resource", "resource": {"name": resource, "target": target}}],
    }
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "x"},
        "spec": spec,
    }
    assert on_a_cluster("autoscalers_can_measure", web(), scaler) == expected


def test_two_containers_of_a_pod_do_not_listen_on_one_port() -> None:
    """By TCP and by UDP, a number is two ports."""
    one, other = (container(name, ports=[{"containerPort": 53}]) for name in ("one", "other"))
    assert on_a_cluster("ports_are_of_one_container", workload("Pod", one, other)) == [False]
    other["ports"] = [{"containerPort": 53, "protocol": "UDP"}]
    assert on_a_cluster("ports_are_of_one_container", workload("Pod", one, other)) == [True]


@pytest.mark.parametrize(
    ("name", "amount", "expected"),
    [
        ("memory", "512m", False),
        ("memory", "512Mi", True),
        ("memory", 128, False),
        ("cpu", "500", False),
        ("cpu", "500m", True),
    ],
)
def test_amount_is_what_somebody_can_mean(name: str, amount: str, *, expected: bool) -> None:
    """Half a byte of memory, and 500 CPUs, are units that were mixed up."""
    found = web(container_=container("web", resources={"requests": {name: amount}}))
    assert on_a_cluster("amounts_are_meant", found) == [expected]


@pytest.mark.parametrize(("seconds", "expected"), [(0, [False]), (1, [True])])
def test_pod_that_serves_has_time_to_end(seconds: int, expected: list[bool]) -> None:
    """One that serves nobody may be killed at once."""
    found = web(container_=container("web", ports=[{"containerPort": 80}]))
    found["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = seconds
    assert on_a_cluster("pods_have_time_to_end", found) == expected
    idle = web()
    idle["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = seconds
    assert on_a_cluster("pods_have_time_to_end", idle) == []


@pytest.mark.parametrize(
    ("image", "expected"),
    [("docker.io/library/db:1", False), ("docker.io/library/web:2", True), ("docker.io/library/web@sha256:0", True)],
)
def test_service_leads_to_one_program_in_one_version_or_two(image: str, *, expected: bool) -> None:
    """A canary is of the same image, by another tag or by its digest."""
    other = workload("Deployment", container("other") | {"image": image}, selector={"matchLabels": {"app": "web"}})
    other["spec"]["template"]["metadata"]["labels"] = {"app": "web"}
    assert on_a_cluster("services_lead_to_one_program", web(), other, service("web", 80)) == [expected]
