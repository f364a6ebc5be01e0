"""What tests ask of a deployment, wherever it runs: podman is one runtime, a cluster another."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

from seatrial.command import Completed
from seatrial.kubelet.termination import Termination
from seatrial.logs import Logs
from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import PodTemplate
from seatrial.timeline import Timeline
from seatrial.traffic.clients import Client, Traffic
from seatrial.traffic.exchange import Outcome, Request


class Pod(Protocol):
    """A pod that somebody probes, restarts and ends: the harness on podman, a kubelet on a cluster."""

    @property
    def name(self) -> str:
        """The runtime's name for it."""
        ...

    @property
    def template(self) -> PodTemplate:
        """What it is made by."""
        ...

    @property
    def timeline(self) -> Timeline:
        """What happened."""
        ...

    @property
    def ready(self) -> bool:
        """Whether it is ready."""
        ...

    def restarts(self, container: str) -> int:
        """Return how often a container was started again."""
        ...

    async def until_ready(self, limit_seconds: float) -> float:
        """Return the seconds until it was ready; NotReadyError explains why it was not."""
        ...

    async def until(self, predicate: Callable[[], bool], limit_seconds: float, reason: str) -> float:
        """Return the seconds until a predicate held; LimitExceededError has the reason."""
        ...

    async def terminate(self, grace_seconds: float | None = None) -> tuple[Termination, ...]:
        """Delete it gracefully and return how each container ended, in the template's order."""
        ...

    async def exec(self, command: Sequence[str], container: str | None = None) -> Completed:
        """Run a command in a container, the first if none is named, and return what it left."""
        ...

    async def kill(self, container: str) -> None:
        """End a container's first process as abruptly as the runtime can."""
        ...

    async def logs(self) -> Logs:
        """Return what its containers wrote, each under its name."""
        ...

    async def report(self) -> str:
        """Return everything that explains a failure."""
        ...


class Deployment(Protocol):
    """An overlay that is deployed."""

    @property
    def run(self) -> str:
        """The id that marks everything that belongs to it."""
        ...

    @property
    def objects(self) -> Sequence[Object]:
        """What was deployed."""
        ...

    @property
    def timeline(self) -> Timeline:
        """What happened."""
        ...

    @property
    def pod(self) -> Pod:
        """The pod that the overlay is about."""
        ...

    def component(self, part: str) -> Pod:
        """Return the pod of a component."""
        ...

    def traffic(self, port: int, clients: Sequence[Client]) -> AbstractAsyncContextManager[Traffic]:
        """Send traffic to a port of the service's for as long as the context lasts."""
        ...

    async def hold(self, pod: Any, port: int, request: Request, *, for_seconds: float) -> Outcome:
        """Send one request to one of its pods, the body over so long, and return its outcome."""
        ...


class Runtime(Protocol):
    """A way of deploying; `sees_attempts` tells whether timelines have every attempt of a probe with its answer.

    A kubelet tells of failed ones alone, and of their status.
    """

    @property
    def name(self) -> str:
        """What `--runtime` calls it."""
        ...

    @property
    def sees_attempts(self) -> bool:
        """Whether timelines have every attempt."""
        ...

    def deployed(
        self,
        source: Path | Sequence[Object],
        *,
        settings: Mapping[str, str] | None = None,
        run: str | None = None,
        keep_volumes: bool = False,
    ) -> AbstractAsyncContextManager[Deployment]:
        """Deploy beside whatever runs, and remove every trace at the end; `keep_volumes` leaves them for the run."""
        ...

    async def leftovers(self, run: str) -> object:
        """Return what a run has left, falsy when that is nothing."""
        ...
