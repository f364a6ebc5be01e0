"""The HorizontalPodAutoscaler, where the cluster has metrics: load makes it add pods."""

import asyncio
import time
from pathlib import Path

import pytest

from seatrial.cluster import resources
from seatrial.cluster.deployment import ClusterDeployment
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.traffic.clients import KeepAlive
from tests.e2e import notes
from tests.e2e.cluster.loaded import LIMIT_SECONDS

pytestmark = pytest.mark.cluster_only("podman has no autoscaler")

GROUP = "autoscaling/v2"
METRICS_SECONDS = 180.0
SCALED_SECONDS = 420.0
"""The metrics server's minute, the autoscaler's 15 s, and an overlay's own stabilization."""


async def why_not(deployment: ClusterDeployment, autoscaler: str) -> str | None:
    """Return what keeps an autoscaler from scaling, as it says itself; None when it has metrics."""
    if not await deployment.resources.has("metrics.k8s.io/v1beta1", "PodMetrics"):
        return "the cluster has no metrics API"
    path = resources.named(GROUP, deployment.namespace, "horizontalpodautoscalers", autoscaler)
    deadline, said = time.monotonic() + METRICS_SECONDS, "it says nothing"
    while time.monotonic() < deadline:
        for each in ((await deployment.api.get(path)).get("status") or {}).get("conditions") or ():
            if each["type"] == "ScalingActive":
                if each["status"] == "True":
                    return None
                said = f"{each.get('reason')}: {each.get('message')}"
        await asyncio.sleep(2.0)
    return f"the autoscaler is not active after {METRICS_SECONDS:g} s: {said}"


async def test_autoscaler_adds_pods_under_load(cluster: ClusterRuntime, overlay: Path) -> None:
    """More than it had, and no request fails while it does."""
    async with cluster.deployed(overlay) as deployment:
        autoscalers = [
            found["metadata"]["name"] for found in deployment.objects if found["kind"] == "HorizontalPodAutoscaler"
        ]
        if not autoscalers:
            pytest.skip("the overlay has no HorizontalPodAutoscaler")
        await deployment.pod.until_ready(LIMIT_SECONDS)
        if reason := await why_not(deployment, autoscalers[0]):
            pytest.skip(reason)
        had = deployment.replicas
        async with deployment.traffic(notes.PORT, [KeepAlive(notes.read, rate=600, connections=40)]) as traffic:
            await deployment.pod.until(
                lambda: deployment.replicas > had, SCALED_SECONDS, f"there are more than {had} pods"
            )
        assert traffic.failed() == [], traffic
