"""Deploying by the cluster runtime, through the real kr8s, on a simulated cluster; and on simulated bad ones."""

import asyncio
import time

import pytest

from harness.tests.cluster.simulation.cluster import Cluster
from harness.tests.cluster.simulation.server import ApiServer
from seatrial.cluster import deployment as deploying
from seatrial.cluster import pod as pods
from seatrial.cluster.kubeconfig import Context
from seatrial.cluster.pod import Stuck, unstartable
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import ApiError, ClusterError, LimitExceededError, NotReadyError, PlayError
from seatrial.host.ports import free_port
from seatrial.manifests.kustomize import Object
from seatrial.timeline import Kind

LIMIT_SECONDS = 20.0


async def test_deployment_is_made_in_a_restricted_namespace_of_its_own(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object], told: list[str]
) -> None:
    """It is said first; the namespace enforces restricted; images are replaced, and lacking Secrets made up."""
    async with runtime.deployed(objects) as deployment:
        assert "creating in context simulated" in told[0]
        assert not any("uses it" in line for line in told)
        root = f"/api/v1/namespaces/{deployment.namespace}"
        labels = cluster.store.objects[root]["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
        made = cluster.store.objects[f"/apis/apps/v1/namespaces/{deployment.namespace}/deployments/it"]
        assert made["metadata"]["namespace"] == deployment.namespace
        (container,) = made["spec"]["template"]["spec"]["containers"]
        assert (container["image"], container["imagePullPolicy"]) == ("example.com/other:2", "IfNotPresent")
        assert cluster.store.objects[f"{root}/secrets/it"]["data"]["password"]


async def test_pod_becomes_ready_along_the_same_trajectory_as_on_podman(
    runtime: ClusterRuntime, objects: list[Object]
) -> None:
    """Running, started, ready; the pod and all others of its workload, and their endpoints."""
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        assert deployment.timeline.trajectory("it") == [Kind.RUNNING, Kind.STARTED, Kind.READY]
        assert deployment.timeline.trajectory(deployment.pod.name, Kind.READY, Kind.NOT_READY) == [Kind.READY]
        assert len(deployment.timeline.of(Kind.IN_SERVICE)) == 2


async def test_pod_that_is_never_ready_is_reported_with_everything(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """The limit's message has the timeline, the pods' states and the logs."""
    cluster.conduct.starts = False
    async with runtime.deployed(objects) as deployment:
        with pytest.raises(
            NotReadyError, match=r"(?s)not within 1 s: pod it-.*--- timeline.*--- pods.*a line of the log"
        ):
            await deployment.pod.until_ready(1.0)


async def test_kinds_that_the_cluster_lacks_are_left_out_with_the_reason(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object], told: list[str]
) -> None:
    """A PodMonitor without its CRD, and what belongs to no namespace; the rest is applied."""
    async with runtime.deployed(objects) as deployment:
        skipped = {event.subject: event.detail for event in deployment.timeline.of(Kind.SKIPPED)}
        assert "its CRD is not installed" in skipped["PodMonitor it"]
        assert "belongs to no namespace" in skipped["ClusterRole it"]
        assert not any("clusterroles" in path or "podmonitors" in path for path in cluster.store.objects)
        assert any("left out: PodMonitor it" in line for line in told)


async def test_applying_twice_changes_nothing(runtime: ClusterRuntime, objects: list[Object]) -> None:
    """The same objects again have the same versions; a changed one has not."""
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        first = await deployment.apply(deployment.objects)
        again = await deployment.apply(deployment.objects)
        assert [each["metadata"]["generation"] for each in again] == [each["metadata"]["generation"] for each in first]
        changed = [
            {**found, "spec": {**found["spec"], "replicas": 3}}
            for found in deployment.objects
            if "Dep" in found["kind"]
        ]
        (other,) = await deployment.apply(changed)
        assert other["metadata"]["generation"] == 2


async def test_what_leads_traffic_in_from_outside_is_left_out(
    runtime: ClusterRuntime, objects: list[Object], told: list[str]
) -> None:
    """An Ingress, and it is said; so is a name in the namespace that the overlay is in elsewhere."""
    ingress = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "it"}}
    named = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it"}, "data": {"A": "db.elsewhere.svc:1"}}
    async with runtime.deployed([*objects, ingress, named]) as deployment:
        skipped = {event.subject: event.detail for event in deployment.timeline.of(Kind.SKIPPED)}
        assert "leads traffic in from outside" in skipped["Ingress it"]
        assert any(line.startswith("something names .elsewhere.svc") for line in told)


async def test_headless_service_is_sent_to_on_the_pods_port(
    runtime: ClusterRuntime, objects: list[Object], port: int
) -> None:
    """Its name leads to the pods' addresses; another's port is its own."""
    spec = next(each["spec"] for each in objects if each["kind"] == "Service")
    spec["ports"][0]["port"] = 1
    async with runtime.deployed(objects) as deployment:
        assert (await deployment._service_address("localhost", 1, port))[1] == 1  # noqa: SLF001
    spec["clusterIP"] = "None"
    async with runtime.deployed(objects) as deployment:
        assert await deployment._service_address("localhost", 1, port) == ("localhost", port)  # noqa: SLF001


def test_pod_is_stuck_only_when_that_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull that fails is tried again; a name that is none is not."""
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    stuck = Stuck()

    def why(reason: str) -> object:
        state = {"name": "it", "state": {"waiting": {"reason": reason}}}
        return unstartable({"metadata": {"name": "it-1"}, "status": {"containerStatuses": [state]}}, stuck)

    assert not why("ErrImagePull")
    now = pods.STUCK_SECONDS - 1
    assert not why("ImagePullBackOff")
    assert not why("ContainerCreating")
    assert not why("ImagePullBackOff")
    now = 2 * pods.STUCK_SECONDS
    assert why("ImagePullBackOff")
    assert why("InvalidImageName")


async def test_image_that_is_not_there_ends_the_wait(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ImagePullBackOff is told with the container's name, and nothing is left."""
    cluster.conduct.image_missing = True
    monkeypatch.setattr(pods, "STUCK_SECONDS", 0.2)
    with pytest.raises(PlayError, match="container it: ImagePullBackOff"):
        async with runtime.deployed(objects):
            pass
    assert not cluster.store.objects


async def test_init_container_that_fails_twice_ends_the_wait_with_its_exit_code(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """As on podman: PlayError, with the exit code and the logs."""
    cluster.conduct.init_exit_code = 78
    with pytest.raises(PlayError, match=r"(?s)prepare: exit code 78.*a line of the log") as caught:
        async with runtime.deployed(objects):
            pass
    assert caught.value.exit_codes == {"prepare": 78}


async def test_pod_that_pod_security_refuses_is_told_in_the_servers_words(
    runtime: ClusterRuntime, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No pod is made at all: the Deployment's condition says why, when that lasts."""
    monkeypatch.setattr(deploying, "REFUSED_SECONDS", 0.2)
    del next(found for found in objects if found["kind"] == "Deployment")["spec"]["template"]["spec"]["securityContext"]
    with pytest.raises(PlayError, match=r"Deployment it: FailedCreate: .* violates PodSecurity"):
        async with runtime.deployed(objects):
            pass


async def test_pods_that_never_start_are_told_at_the_limit(
    runtime: ClusterRuntime, server: ApiServer, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deployments that no controller acts on: the wait has a limit and says what it was for."""
    monkeypatch.setattr(deploying, "START_SECONDS", 0.5)
    monkeypatch.setattr(server.cluster, "_roll_out", lambda _: asyncio.sleep(0))
    with pytest.raises(LimitExceededError, match=r"not within 0.5 s: every container has run"):
        async with runtime.deployed(objects):
            pass


@pytest.mark.parametrize("case", [("PATCH", "/deployments/it", 422), ("POST", "/namespaces", 403)])
async def test_refusal_of_the_server_is_an_error_with_its_words(
    runtime: ClusterRuntime, server: ApiServer, objects: list[Object], case: tuple[str, str, int]
) -> None:
    """What was asked, the status, and why; what had been made is removed."""
    method, end, status = case
    server.refuse[method, end] = status
    with pytest.raises(ApiError, match=f"{method} .*{end}: the simulation refuses") as caught:
        async with runtime.deployed(objects):
            pass
    assert caught.value.status == status
    assert not server.cluster.store.objects


async def test_server_that_is_not_there_is_told_by_its_address(objects: list[Object], told: list[str]) -> None:
    """No traceback of a library: one message."""
    address = f"http://127.0.0.1:{free_port()}"
    runtime = ClusterRuntime(Context("nowhere", {"server": address}, {}), {}, told.append)
    with pytest.raises(ClusterError, match=f"connecting to {address}"):
        async with runtime.deployed(objects):
            pass


async def test_image_option_that_nothing_uses_is_said(context: Context, objects: list[Object], told: list[str]) -> None:
    """It may be for another overlay, or misspelt."""
    async with ClusterRuntime(context, {"example.com/its": "x:1"}, told.append).deployed(objects):
        assert told[0] == "--image example.com/its: no container of this deployment uses it"
