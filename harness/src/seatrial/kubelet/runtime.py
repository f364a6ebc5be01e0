"""podman as a runtime for tests."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from seatrial.kubelet import deployment
from seatrial.kubelet.deployment import Deployment
from seatrial.manifests.kustomize import Object
from seatrial.podman.client import Podman
from seatrial.podman.leftovers import Leftovers


class PodmanRuntime:
    """Pods of this machine, under the harness's own kubelet."""

    name = "podman"
    sees_attempts = True

    def deployed(
        self,
        source: Path | Sequence[Object],
        *,
        settings: Mapping[str, str] | None = None,
        run: str | None = None,
        keep_volumes: bool = False,
    ) -> AbstractAsyncContextManager[Deployment]:
        """Play an overlay, a YAML file or objects."""
        return deployment.deployed(source, settings=settings, run=run, keep_volumes=keep_volumes)

    async def leftovers(self, run: str) -> Leftovers:
        """Return what a run has in podman."""
        return await Podman().leftovers(run)
