"""NetworkPolicies, where the cluster enforces them: who reaches the database, and whom the service reaches."""

from pathlib import Path

import pytest

from seatrial.cluster import client
from seatrial.cluster.reach import Probe, strangers
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.manifests.network_policy import isolating
from tests.e2e.cluster.loaded import LIMIT_SECONDS

pytestmark = pytest.mark.cluster_only("podman has no NetworkPolicies")

DATABASE = "database"


async def test_stranger_does_not_reach_the_database(cluster: ClusterRuntime, overlay: Path) -> None:
    """The service's pod does, by the same address and port."""
    async with cluster.deployed(overlay) as deployment:
        if not deployment.has_component(DATABASE):
            pytest.skip("the overlay has no database of its own")
        await deployment.pod.until_ready(LIMIT_SECONDS)
        outside = await strangers(deployment)
        if reason := await outside.why_not_enforced():
            pytest.skip(f"NetworkPolicies cannot be judged: {reason}")
        database = deployment.component(DATABASE)
        (port, *_) = database.template.containers[0].ports
        service = Probe(deployment, deployment.pod.name, deployment.pod.template.containers[0].name)
        assert await service.reaches(database.address, port.container_port)
        assert await outside.open.is_cut_from(database.address, port.container_port)


async def test_service_reaches_nothing_that_its_policy_does_not_name(cluster: ClusterRuntime, overlay: Path) -> None:
    """Not another pod of its namespace, which strangers reach.

    The API server would be no fair test: what a pod may send to its own node, policies need not restrict.
    """
    async with cluster.deployed(overlay) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        if not isolating(deployment.objects, deployment.workload.labels, "Egress"):
            pytest.skip("the overlay does not restrict what the service sends")
        outside = await strangers(deployment)
        if reason := await outside.why_not_enforced():
            pytest.skip(f"NetworkPolicies cannot be judged: {reason}")
        service = Probe(deployment, deployment.pod.name, deployment.pod.template.containers[0].name)
        assert await outside.open.reaches(outside.open_address, client.PORT)
        assert await service.is_cut_from(outside.open_address, client.PORT)
