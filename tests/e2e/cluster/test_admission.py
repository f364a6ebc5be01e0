"""The namespace enforces Pod Security restricted: that the good pods run there proves something."""

from pathlib import Path

import pytest

from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import PlayError
from seatrial.manifests.kustomize import render
from tests.e2e.objects import service_pod_spec

pytestmark = pytest.mark.cluster_only("podman has no admission")


async def test_pod_without_a_security_context_is_not_let_in(cluster: ClusterRuntime, overlay: Path) -> None:
    """The overlay without its security contexts makes no pod, and the server says why."""
    objects = await render(overlay)
    spec = service_pod_spec(objects)
    spec.pop("securityContext", None)
    for container in [*(spec.get("initContainers") or ()), *spec["containers"]]:
        container.pop("securityContext", None)
    with pytest.raises(PlayError, match="violates PodSecurity"):
        async with cluster.deployed(objects):
            pass
