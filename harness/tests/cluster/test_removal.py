"""Removing what was made on a cluster: on every path, and nothing that is somebody else's."""

import asyncio
import re

import pytest

from harness.tests.cluster.simulation.cluster import Cluster
from harness.tests.cluster.simulation.server import ApiServer
from seatrial.cluster import namespace
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import ApiError, ClusterError
from seatrial.manifests.kustomize import Object

LIMIT_SECONDS = 20.0


async def test_everything_is_removed_at_the_end(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """While it runs there is a namespace, afterwards nothing."""
    async with runtime.deployed(objects, run="one"):
        assert await runtime.leftovers("one") == ["seatrial-one"]
    assert not await runtime.leftovers("one")
    assert not cluster.store.objects


async def test_everything_is_removed_after_a_failure(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """An exception in the test takes everything down, too."""
    with pytest.raises(ZeroDivisionError):
        async with runtime.deployed(objects):
            _ = 1 / 0
    assert not cluster.store.objects


@pytest.mark.parametrize("seconds", [0.05, 0.15, 0.5])
async def test_everything_is_removed_when_it_is_interrupted(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object], seconds: float
) -> None:
    """Ctrl-C while it is applied, or later."""

    async def deploy_and_wait() -> None:
        async with runtime.deployed(objects):
            await asyncio.sleep(LIMIT_SECONDS)

    task = asyncio.create_task(deploy_and_wait())
    await asyncio.sleep(seconds)  # not a wait for anything: the moments are the point
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not cluster.store.objects


async def test_namespace_that_does_not_go_is_told_with_what_holds_it_up(
    runtime: ClusterRuntime,
    cluster: Cluster,
    objects: list[Object],
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A finalizer that nobody honours, in the server's own words; what was seen until then counts all the same."""
    monkeypatch.setattr(namespace, "REMOVAL_SECONDS", 0.5)
    cluster.conduct.keeps_namespaces = True
    async with runtime.deployed(objects):
        pass
    await runtime.end()
    for line in told[-3], told[-1]:
        assert re.search(r"seatrial-\w+ is gone; .*finalizers remaining: example.com/stuck", line)


async def test_namespace_of_somebody_else_is_left_alone(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """It has the name, and not the label."""
    path = "/api/v1/namespaces/seatrial-one"
    await cluster.put(path, {"kind": "Namespace", "metadata": {"name": "seatrial-one", "labels": {}}})
    with pytest.raises(ClusterError, match="exists, and is not this run's to use"):
        async with runtime.deployed(objects, run="one"):
            pass
    assert "deletionTimestamp" not in cluster.store.objects[path]["metadata"]


async def test_user_who_may_not_create_namespaces_is_told_that(
    runtime: ClusterRuntime, server: ApiServer, objects: list[Object]
) -> None:
    """And not that what was never made may not be deleted."""
    server.refuse["POST", "/namespaces"] = 403
    server.refuse["DELETE", ""] = 403
    with pytest.raises(ApiError, match="POST /api/v1/namespaces"):
        async with runtime.deployed(objects):
            pass


async def test_volumes_are_kept_for_another_deployment_of_the_run(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """The namespace stays, without pods; the second deployment is the last to use it."""
    async with runtime.deployed(objects, run="kept", keep_volumes=True):
        pass
    assert await runtime.leftovers("kept")
    assert not any("/pods/" in path for path in cluster.store.objects)
    async with runtime.deployed(objects, run="kept") as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
    assert not cluster.store.objects


async def test_kept_namespace_is_removed_when_the_runtime_ends(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """Nobody came back for it."""
    async with runtime.deployed(objects, keep_volumes=True):
        pass
    await runtime.end()
    assert not cluster.store.objects
