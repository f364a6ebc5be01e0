"""One container of a played pod, for faults that are done to it as to a pod, while the others run on."""

from dataclasses import dataclass, replace
from typing import Protocol

from seatrial.kubelet.pod import Pod
from seatrial.kubelet.termination import Termination
from seatrial.manifests.pods import PodTemplate


class Victim(Protocol):
    """What a fault is done to: a pod, or a part of one; `name` is the pod's, `template` has the containers."""

    @property
    def name(self) -> str:
        """The pod's name in podman."""
        ...

    @property
    def template(self) -> PodTemplate:
        """The containers that suffer it."""
        ...

    @property
    def ready(self) -> bool:
        """Whether these are ready."""
        ...

    async def until_ready(self, limit_seconds: float) -> float:
        """Return the seconds until they were."""
        ...

    async def terminate(self) -> tuple[Termination, ...]:
        """End these gracefully; whatever cares for them leaves them ended."""
        ...


@dataclass(frozen=True)
class Part:
    """A container of a pod."""

    pod: Pod
    container: str

    @property
    def name(self) -> str:
        """The pod's name in podman."""
        return self.pod.name

    @property
    def template(self) -> PodTemplate:
        """The pod's template with this container alone."""
        template = self.pod.template
        return replace(template, containers=tuple(each for each in template.containers if each.name == self.container))

    @property
    def ready(self) -> bool:
        """Whether this container is ready, whatever the others are."""
        return self.pod.is_ready(self.container)

    async def until_ready(self, limit_seconds: float) -> float:
        """Return the seconds until this container was ready; LimitExceededError when it was not."""
        return await self.pod.until(lambda: self.ready, limit_seconds, f"container {self.container} is ready")

    async def terminate(self) -> tuple[Termination, ...]:
        """End this container within the pod's grace period; it is not started again by itself."""
        return (await self.pod.end(self.container),)
