"""Deploying what somebody's manifests are about on a simulated cluster: found by name, after what it depends on."""

import copy

import pytest

from tests.harness.cluster.lead import Lead
from tests.harness.cluster.runtime import ClusterRuntime
from tests.harness.errors import ManifestError
from tests.harness.kustomize import Object
from tests.unit.harness.cluster.simulation.cluster import Cluster


def of_kind(objects: list[Object], kind: str) -> Object:
    """Return the one object of a kind."""
    (found,) = (each for each in objects if each["kind"] == kind)
    return found


@pytest.fixture
def beside(objects: list[Object]) -> Object:
    """Return another Deployment, which the objects get before their own, by no label a component."""
    found = copy.deepcopy(of_kind(objects, "Deployment"))
    found["metadata"]["name"] = found["spec"]["template"]["spec"]["containers"][0]["name"] = "db"
    found["spec"]["selector"]["matchLabels"] = found["spec"]["template"]["metadata"]["labels"] = {"app": "db"}
    del found["spec"]["template"]["spec"]["initContainers"]
    objects.insert(0, found)
    return found


async def test_lead_is_found_by_its_name(runtime: ClusterRuntime, objects: list[Object], beside: Object) -> None:
    """Among two that are no component, and labelled one; without a lead labels have to say it."""
    async with runtime.deployed(objects, lead=Lead("it", "it")) as deployment:
        assert deployment.workload.name == "it"
    with pytest.raises(ManifestError, match="2 workloads are the component None"):
        async with runtime.deployed(objects):
            pass
    of_kind(objects[1:], "Deployment")["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"] = "web"
    async with runtime.deployed(objects, lead=Lead("it", "it")) as deployment:
        assert deployment.workload.name == "it"


async def test_settings_are_the_leads_alone(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object], beside: Object
) -> None:
    """What it depends on may have variables of the same names."""
    async with runtime.deployed(objects, lead=Lead("it", "it"), settings={"LIMIT": "1"}) as deployment:
        made = f"/apis/apps/v1/namespaces/{deployment.namespace}/deployments"
        specs = [cluster.store.objects[f"{made}/{name}"]["spec"]["template"]["spec"] for name in ("it", "db")]
    assert [spec["containers"][0].get("env") for spec in specs] == [[{"name": "LIMIT", "value": "1"}], None]
