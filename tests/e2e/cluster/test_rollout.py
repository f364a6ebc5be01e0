"""Rolling updates under load: a good one drops nothing, a bad one changes nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.cluster import rollout
from seatrial.cluster.deployment import ClusterDeployment
from seatrial.cluster.objects import revised
from seatrial.cluster.pod import Stuck, unstartable
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.cluster.sightings import is_ready
from seatrial.errors import LimitExceededError
from seatrial.manifests.isolation import RUN_LABEL
from seatrial.manifests.kustomize import Object
from seatrial.waiting import consistently
from tests import next_release
from tests.e2e.cluster import claims
from tests.e2e.cluster.loaded import LIMIT_SECONDS, loaded

pytestmark = pytest.mark.cluster_only("a rolling update takes a Deployment's controller")

ROLLOUT_SECONDS = 600.0
NEXT = "next-migration"
STAYS_SECONDS = 10.0


async def apply_revision(deployment: ClusterDeployment, change: Callable[[Object], object]) -> int:
    """Apply another revision of the service's Deployment alone, and return its generation."""
    name = deployment.workload.name
    changed = revised([deployment.workload.object], name, change)
    (applied,) = await deployment.apply(changed)
    generation: int = applied["metadata"]["generation"]
    return generation


def annotate(template: Object) -> None:
    """Change what changes nothing but the revision."""
    template.setdefault("metadata", {}).setdefault("annotations", {})["seatrial.dev/revision"] = "another"


def spoil_setting(template: Object) -> None:
    """Give every container of the pod a setting that it refuses."""
    for container in [*(template["spec"].get("initContainers") or ()), *template["spec"]["containers"]]:
        container.setdefault("env", []).append({"name": "APP_LAME_DUCK_SECONDS", "value": "soon"})


def spoil_migration(template: Object) -> None:
    """Have the first init container fail."""
    template["spec"]["initContainers"][0]["command"] = ["python3", "-c", "raise SystemExit('this migration fails')"]


def with_migration(template: Object) -> None:
    """Make it the next release: one migration more, over those in the image, for every container."""
    spec = template["spec"]
    spec.setdefault("volumes", []).append({"name": NEXT, "configMap": {"name": NEXT}})
    where = f"/srv/service/{next_release.FILE}"
    for container in [*(spec.get("initContainers") or ()), *spec["containers"]]:
        mount = {"name": NEXT, "mountPath": where, "subPath": Path(next_release.FILE).name, "readOnly": True}
        container.setdefault("volumeMounts", []).append(mount)


def migration(deployment: ClusterDeployment) -> Object:
    """Return the ConfigMap that has it."""
    metadata = deployment.workload.object["metadata"]
    labels = {RUN_LABEL: deployment.run}
    text = next_release.migration(next_release.EXPANDS)
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": NEXT, "namespace": metadata["namespace"], "labels": labels},
        "data": {Path(next_release.FILE).name: text},
    }


async def test_rolling_update_under_load_drops_nothing(cluster: ClusterRuntime, overlay: Path) -> None:
    """Every pod is replaced while mixed traffic goes through the Service; none fails."""
    async with loaded(cluster, overlay) as (deployment, traffic):
        before = {pod["metadata"]["name"] for pod in deployment.observer.of(deployment.workload)}
        generation = await apply_revision(deployment, annotate)
        await rollout.until_complete(deployment, generation, ROLLOUT_SECONDS)
        after = {pod["metadata"]["name"] for pod in deployment.observer.of(deployment.workload)}
        explained = await deployment.pod.report()
    assert not before & after
    assert list(claims.of_requests(traffic)) == [], f"{traffic}\n{explained}"


async def test_release_with_a_migration_goes_forward_back_and_forward_and_drops_nothing(
    cluster: ClusterRuntime, overlay: Path
) -> None:
    """The old release's new pods find a schema that is ahead, and serve it."""
    async with loaded(cluster, overlay) as (deployment, traffic):
        if not deployment.workload.template.init_containers:
            pytest.skip("the overlay has no init container, which migrates")
        await deployment.apply([migration(deployment)])
        for change in (with_migration, lambda _: None, with_migration):
            generation = await apply_revision(deployment, change)
            await rollout.until_complete(deployment, generation, ROLLOUT_SECONDS)
        explained = await deployment.pod.report()
    assert list(claims.of_requests(traffic)) == [], f"{traffic}\n{explained}"


async def test_rolling_update_drops_requests_when_served_as_tutorials_do(
    cluster: ClusterRuntime, tutorial: list[Object]
) -> None:
    """The negative: the same update of the same app without a lame duck is not free."""
    async with loaded(cluster, tutorial) as (deployment, traffic):
        generation = await apply_revision(deployment, annotate)
        await rollout.until_complete(deployment, generation, ROLLOUT_SECONDS)
    assert any(breach.startswith("requests failed") for breach in claims.of_requests(traffic)), traffic


@pytest.mark.parametrize("spoil", [spoil_setting, spoil_migration], ids=lambda spoil: spoil.__name__)
async def test_failed_rollout_leaves_the_old_pods_serving(
    cluster: ClusterRuntime, overlay: Path, spoil: Callable[[Object], None]
) -> None:
    """New pods fail to start; the old ones are the same, ready and in service; no request fails; it can be mended."""
    async with loaded(cluster, overlay) as (deployment, traffic):
        pod, observer = deployment.pod, deployment.observer
        if not deployment.workload.template.init_containers:
            pytest.skip("the overlay has no init container, which migrates and checks the settings before the service")
        old = observer.of(deployment.workload)
        known = {rollout.revision(each) for each in old}
        await apply_revision(deployment, spoil)
        stuck = Stuck()

        def failed() -> bool:
            return any(unstartable(each, stuck) for each in rollout.newcomers(deployment, known))

        def serving() -> bool:
            present = {each["metadata"]["uid"]: each for each in observer.of(deployment.workload)}
            uids = [each["metadata"]["uid"] for each in old]
            return all(
                uid in present and is_ready(present[uid]) and observer.in_service(present[uid]["metadata"]["name"])
                for uid in uids
            )

        await pod.until(failed, LIMIT_SECONDS, "a pod of the new revision has failed to start twice")
        try:
            await consistently(serving, STAYS_SECONDS, "the old pods serve")
        except LimitExceededError as error:
            raise LimitExceededError(f"{error}\n{await pod.report()}") from error
        explained = await pod.report()
        mended = await apply_revision(deployment, lambda _: None)
        await rollout.until_complete(deployment, mended, ROLLOUT_SECONDS)
    assert list(claims.of_requests(traffic, at_least=500)) == [], f"{traffic}\n{explained}"


async def test_applying_twice_changes_nothing(cluster: ClusterRuntime, overlay: Path) -> None:
    """The same objects again: the server stores nothing new; a changed revision it does."""

    def stored(objects: list[Object]) -> str:
        """Return what an apply could change: not the status, nor the version that every change of status has, too."""
        kept = [{key: value for key, value in found.items() if key != "status"} for found in objects]
        for found, had in zip(kept, objects, strict=True):
            has_status = "status" in had or "generation" in had["metadata"]
            found["metadata"] = {
                key: value
                for key, value in found["metadata"].items()
                if key != "managedFields" and (key != "resourceVersion" or not has_status)
            }
        return json.dumps(kept, indent=1, sort_keys=True)

    async with cluster.deployed(overlay) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        first = await deployment.apply(deployment.objects)
        again = await deployment.apply(deployment.objects)
        assert stored(again) == stored(first)
        generation = next(each["metadata"]["generation"] for each in first if each["kind"] == "Deployment")
        assert await apply_revision(deployment, annotate) > generation
