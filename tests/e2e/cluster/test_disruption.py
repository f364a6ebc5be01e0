"""Disruptions: pods evicted as a drain does, deleted, and killed outright, under load."""

import time
from pathlib import Path

import pytest

from seatrial.cluster import eviction, resources, rollout
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.manifests.kustomize import render
from seatrial.timeline import Kind
from tests.e2e.cluster import claims
from tests.e2e.cluster.loaded import LIMIT_SECONDS, loaded, until_sent

pytestmark = pytest.mark.cluster_only("it takes an API server and the controllers behind it")

REPLACED_SECONDS = 300.0
MOST_FAILURES = 40
"""What notes.mixed() can have in flight at once: 18 kept connections, 10 slow uploads, and new ones being answered."""


async def has_budget(overlay: Path) -> bool:
    """Tell whether an overlay has a PodDisruptionBudget."""
    return any(found["kind"] == "PodDisruptionBudget" for found in await render(overlay))


async def test_eviction_of_every_pod_under_load_drops_nothing(cluster: ClusterRuntime, overlay: Path) -> None:
    """Each pod in turn, as soon as the budget allows it; each is replaced; no request fails."""
    if not await has_budget(overlay):
        pytest.skip("the overlay has no PodDisruptionBudget: an eviction is a deletion")
    async with loaded(cluster, overlay) as (deployment, traffic):
        before = [pod["metadata"]["name"] for pod in deployment.observer.of(deployment.workload)]
        for name in before:
            await eviction.evict(deployment.api, deployment.namespace, name, REPLACED_SECONDS)
        generation = deployment.observer.deployments[deployment.workload.name]["metadata"]["generation"]
        await rollout.until_complete(deployment, generation, REPLACED_SECONDS, without=before)
        after = [pod["metadata"]["name"] for pod in deployment.observer.of(deployment.workload)]
        explained = await deployment.pod.report()
    assert not set(before) & set(after)
    assert list(claims.of_requests(traffic)) == [], f"{traffic}\n{explained}"


async def test_budget_refuses_a_second_eviction_until_the_first_pod_is_replaced(
    cluster: ClusterRuntime, overlay: Path
) -> None:
    """Two evictions at once: the second is refused with 429."""
    if not await has_budget(overlay):
        pytest.skip("the overlay has no PodDisruptionBudget")
    async with cluster.deployed(overlay) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        names = [pod["metadata"]["name"] for pod in deployment.observer.of(deployment.workload)]
        if len(names) < 2:
            pytest.skip("the overlay runs one replica")
        # A budget that has just been made knows no pods yet, and refuses every eviction.
        await eviction.evict(deployment.api, deployment.namespace, names[0], REPLACED_SECONDS)
        refused = await eviction.refusal(deployment.api, deployment.namespace, names[1])
        assert refused, "both pods were evicted at once"
        assert "disruption budget" in refused


async def test_deleted_pod_leaves_its_service_at_once(cluster: ClusterRuntime, overlay: Path) -> None:
    """It is no endpoint any more within seconds of the deletion, long before it ends, and does not come back."""
    async with loaded(cluster, overlay) as (deployment, traffic):
        pod, deleted_at = deployment.pod, time.monotonic()
        (ended,) = await pod.terminate()
        explained = await pod.report()
        assert list(claims.of_endpoints(deployment.timeline, pod.name, deleted_at)) == [], explained
        left = deployment.timeline.first(Kind.OUT_OF_SERVICE, pod.name)
        assert left
        assert left.at < deleted_at + ended.seconds, explained
    assert list(claims.of_requests(traffic)) == [], f"{traffic}\n{explained}"


async def test_pod_killed_outright_costs_at_most_the_requests_in_flight_on_it(
    cluster: ClusterRuntime, overlay: Path
) -> None:
    """Deleted with no grace at all: what fails was in flight at its end; no later request meets it any more."""
    async with loaded(cluster, overlay) as (deployment, traffic):
        pod, killed_at = deployment.pod, time.monotonic()
        await deployment.api.delete(resources.pods(deployment.namespace, pod.name), gracePeriodSeconds=0)
        generation = deployment.observer.deployments[deployment.workload.name]["metadata"]["generation"]
        await rollout.until_complete(deployment, generation, REPLACED_SECONDS, without=[pod.name])
        await until_sent(deployment, traffic, claims.MIN_REQUESTS)
        explained = await pod.report()
    assert list(claims.of_an_outright_kill(traffic.outcomes, killed_at)) == [], f"{traffic}\n{explained}"
    assert len(traffic.failed()) <= MOST_FAILURES, f"{traffic}\n{explained}"
