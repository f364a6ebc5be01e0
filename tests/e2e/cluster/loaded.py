"""A deployment under load on a cluster: ready, with enough replicas that somebody always serves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from seatrial.cluster import client
from seatrial.cluster.deployment import ClusterDeployment
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.manifests.kustomize import Object
from seatrial.timeline import Kind
from seatrial.traffic.clients import Traffic
from tests.e2e import notes
from tests.e2e.cluster import claims

LIMIT_SECONDS = 300.0
WARM_UP_REQUESTS = 500
AFTERWARDS_REQUESTS = 500


def requires_two(deployment: ClusterDeployment) -> None:
    """Skip where one replica serves alone: that it is replaced is an outage by design."""
    if deployment.replicas < 2:
        pytest.skip("the overlay runs one replica: nobody serves while it is replaced")


@asynccontextmanager
async def loaded(
    cluster: ClusterRuntime, source: Path | list[Object]
) -> AsyncIterator[tuple[ClusterDeployment, Traffic]]:
    """Deploy, send mixed traffic through the Service, and at the end go on sending for a while before stopping."""
    async with cluster.deployed(source) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        requires_two(deployment)
        async with deployment.traffic(notes.PORT, notes.mixed()) as traffic:
            if outside := deployment.timeline.of(Kind.SKIPPED, subject=client.NAME):
                pytest.fail(f"this takes traffic through the Service, from inside the cluster: {outside[0].detail}")
            await until_sent(deployment, traffic, WARM_UP_REQUESTS)
            yield deployment, traffic
            short = claims.MIN_REQUESTS - len(traffic.outcomes)
            await until_sent(deployment, traffic, max(AFTERWARDS_REQUESTS, short))


async def until_sent(deployment: ClusterDeployment, traffic: Traffic, more: int) -> None:
    """Return when so many more requests have their outcome."""
    target = len(traffic.outcomes) + more
    await deployment.pod.until(
        lambda: len(traffic.outcomes) >= target, LIMIT_SECONDS, f"{more} more requests are answered"
    )
