"""Who reaches whom on a simulated cluster: whether policies are enforced is found out, not believed."""

import pytest

from harness.tests.cluster.simulation.cluster import NOBODY, Cluster
from seatrial.cluster import client, reach
from seatrial.cluster.reach import Probe, strangers
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import ClusterError
from seatrial.host.ports import HOST, free_port
from seatrial.manifests.kustomize import Object


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Have the clients listen where somebody does, and policies act at once."""
    monkeypatch.setattr(client, "PORT", port)
    monkeypatch.setattr(reach, "EFFECT_SECONDS", 0.5)


async def test_cluster_that_enforces_policies_is_told_from_one_that_does_not(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """A pod that a policy closes to all is cut off, or it is not: then nothing can be judged, and why is said."""
    async with runtime.deployed(objects) as deployment:
        assert await (await strangers(deployment)).why_not_enforced() is None
    cluster.conduct.enforces_policies = False
    async with runtime.deployed(objects) as deployment:
        reason = await (await strangers(deployment)).why_not_enforced()
        assert reason is not None
        assert "the cluster does not enforce them" in reason


async def test_connection_is_tried_from_inside_a_pod(runtime: ClusterRuntime, objects: list[Object], port: int) -> None:
    """Open or not, whatever it is met with; an address that nobody answers on is cut."""
    async with runtime.deployed(objects) as deployment:
        probe = Probe(deployment, deployment.pod.name, "it")
        assert await probe.reaches(HOST, port)
        assert not await probe.is_cut_from(HOST, port)
        assert not await probe.reaches(HOST, free_port())
        assert await probe.is_cut_from(NOBODY, port)


async def test_pods_that_do_not_listen_are_an_error(
    runtime: ClusterRuntime, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would reach them, policies or none: that must not pass for a policy."""
    monkeypatch.setattr(client, "PORT", free_port())
    async with runtime.deployed(objects) as deployment:
        with pytest.raises(ClusterError, match=r"not within 0.5 s: pod seatrial-closed listens"):
            await strangers(deployment)
