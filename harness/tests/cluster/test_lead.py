"""Deploying what somebody's manifests are about on a simulated cluster: found by name, after what it depends on."""

import copy

import pytest

from harness.tests.cluster.simulation.cluster import Cluster
from seatrial.cluster import deployment as deploying
from seatrial.cluster.deployment import ClusterDeployment
from seatrial.cluster.lead import Lead
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import ApiError, LimitExceededError, ManifestError, PlayError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.portable import portable
from seatrial.timeline import Kind

LIMIT_SECONDS = 20.0


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


@pytest.mark.usefixtures("beside")
async def test_lead_is_found_by_its_name(runtime: ClusterRuntime, objects: list[Object]) -> None:
    """Among two that are no component, and labelled one; without a lead labels have to say it."""
    async with runtime.deployed(objects, lead=Lead("it", "it")) as deployment:
        assert deployment.workload.name == "it"
    with pytest.raises(ManifestError, match="2 workloads are the component None"):
        async with runtime.deployed(objects):
            pass
    of_kind(objects[1:], "Deployment")["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"] = "web"
    async with runtime.deployed(objects, lead=Lead("it", "it")) as deployment:
        assert deployment.workload.name == "it"


@pytest.mark.usefixtures("beside")
async def test_settings_are_the_leads_alone(runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]) -> None:
    """What it depends on may have variables of the same names."""
    async with runtime.deployed(objects, lead=Lead("it", "it"), settings={"LIMIT": "1"}) as deployment:
        made = f"/apis/apps/v1/namespaces/{deployment.namespace}/deployments"
        specs = [cluster.store.objects[f"{made}/{name}"]["spec"]["template"]["spec"] for name in ("it", "db")]
    assert [spec["containers"][0].get("env") for spec in specs] == [[{"name": "LIMIT", "value": "1"}], None]


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "ReplicaSet"])
async def test_other_kinds_are_deployed_as_what_they_are(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object], kind: str
) -> None:
    """An API server refuses a Deployment with their fields; a pod that comes again under its name is another."""
    found = of_kind(objects, "Deployment")
    found["kind"], found["spec"]["replicas"], found["spec"]["updateStrategy"] = kind, 1, {}
    async with runtime.deployed(portable(objects), lead=Lead("it", "it")) as deployment:
        assert f"{kind.lower()}s/it" in "".join(cluster.store.objects)
        await deployment.pod.until_ready(LIMIT_SECONDS)
        (ended,) = await deployment.pod.terminate()
        assert ended.exit_code == 0


async def test_refusal_by_an_error_of_the_server_has_its_words(runtime: ClusterRuntime, objects: list[Object]) -> None:
    """Server-side apply answers 500 to a field that it does not know."""
    of_kind(objects, "Deployment")["spec"]["serviceName"] = "it"
    with pytest.raises(ApiError, match=r"\.spec\.serviceName: field not declared in schema"):
        async with runtime.deployed(objects):
            pass


def applied(deployment: ClusterDeployment, subject: str) -> float:
    """Return when an object was applied."""
    (event,) = deployment.timeline.of(Kind.APPLIED, subject=subject)
    return event.at


async def test_what_the_lead_needs_is_ready_and_jobs_are_done_before_it_begins(
    runtime: ClusterRuntime, objects: list[Object], beside: Object
) -> None:
    """A service that exits until its database answers is not restarted for it."""
    job = copy.deepcopy(beside)
    job["kind"], job["metadata"]["name"] = "Job", "migrate"
    job["spec"]["template"]["spec"]["containers"][0]["name"] = "migrate"
    objects.insert(1, job)
    async with runtime.deployed(portable(objects), lead=Lead("it", "it", needs=("db",))) as deployment:
        ready = deployment.timeline.first(Kind.READY, "db")
        ended = deployment.timeline.first(Kind.EXITED, "migrate")
        assert ready
        assert ended
        assert ready.at < applied(deployment, "Job migrate") < ended.at < applied(deployment, "Deployment it")


async def test_failed_job_is_told_with_its_exit_code(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object], beside: Object
) -> None:
    """As on podman: PlayError, before the lead begins."""
    beside["kind"], cluster.conduct.job_exit_code = "Job", 3
    with pytest.raises(PlayError, match="Job db: Simulated") as caught:
        async with runtime.deployed(portable(objects), lead=Lead("it", "it")):
            pass
    assert caught.value.exit_codes == {"db": 3}


async def test_each_pod_is_late_by_its_own_time(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """What has waited for a node was not slow to start; a pod that runs and is not ready was."""
    cluster.conduct.unscheduled = ("-1", 1.0)
    async with runtime.deployed(objects, lead=Lead("it", "it")) as deployment:
        first, last = deployment.timeline.of(Kind.RUNNING)
        assert last.at - first.at > 0.9
        assert deployment.pod.ran_at == pytest.approx(last.at, abs=0.5)
        await deployment.pod.until_ready(LIMIT_SECONDS)
        assert not deployment.pod.is_late(0.0)
    cluster.conduct.starts = False
    async with runtime.deployed(objects, lead=Lead("it", "it")) as deployment:
        assert not deployment.pod.is_late(LIMIT_SECONDS)
        await deployment.pod.until(lambda: deployment.pod.is_late(0.5), LIMIT_SECONDS, "it is late")


async def test_pod_that_finds_no_node_is_told_in_the_schedulers_words(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is known of the service then."""
    monkeypatch.setattr(deploying, "START_SECONDS", 1.0)
    cluster.conduct.unscheduled = ("-1", LIMIT_SECONDS)
    with pytest.raises(LimitExceededError, match=r"has run; pod it-.*: Unschedulable: 0/1 nodes are available"):
        async with runtime.deployed(objects, lead=Lead("it", "it")):
            pass
