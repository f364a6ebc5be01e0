"""A cluster as a runtime for tests: one context, named by its user."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from seatrial.cluster import deployment, namespace
from seatrial.cluster.api import connected
from seatrial.cluster.deployment import ClusterDeployment
from seatrial.cluster.kubeconfig import Context
from seatrial.cluster.lead import Lead
from seatrial.kubelet.deployment import new_run
from seatrial.manifests.isolation import Settings
from seatrial.manifests.kustomize import Object


class ClusterRuntime:
    """A context; `images` replaces images by their name without tag, `tell` hears what is created and removed."""

    name = "cluster"
    sees_attempts = False

    def __init__(self, context: Context, images: Mapping[str, str], tell: Callable[[str], None]) -> None:
        self._context = context
        self._images = dict(images)
        self._tell = tell
        self._runs: set[str] = set()

    @asynccontextmanager
    async def deployed(
        self,
        source: Path | Sequence[Object],
        *,
        lead: Lead | None = None,
        settings: Settings | None = None,
        run: str | None = None,
        keep_volumes: bool = False,
    ) -> AsyncIterator[ClusterDeployment]:
        """Apply an overlay, a YAML file or objects in a namespace of the run's own, and remove it at the end."""
        run = run or new_run()
        self._runs.add(run)
        async with (
            connected(self._context) as api,
            deployment.deployed(
                api,
                source,
                tell=self._tell,
                lead=lead,
                images=self._images,
                settings=settings,
                run=run,
                keep_volumes=keep_volumes,
            ) as found,
        ):
            yield found

    async def leftovers(self, run: str) -> list[str]:
        """Return the names of the namespaces that a run has."""
        async with connected(self._context) as api:
            return [namespace.name_of(each) for each in await namespace.of_runs(api, run)]

    async def begin(self) -> None:
        """Say what will be created where, and remove what killed runs have left."""
        async with connected(self._context) as api:
            self._tell(
                f"cluster: context {self._context.name}, {self._context.server}, Kubernetes {api.version}; each test "
                "creates a namespace seatrial-RUN, deploys into it, and removes it; nothing is created beside them"
            )
            await namespace.remove_leftovers(api, self._tell)

    async def end(self) -> None:
        """Remove what this process's runs have left: kept volumes, and what an interrupt has cut short."""
        if self._runs:
            async with connected(self._context) as api:
                for run in self._runs & set(await namespace.of_runs(api)):
                    self._tell(f"removing {namespace.name_of(run)}")
                    await namespace.remove_or_tell(api, run, self._tell)
