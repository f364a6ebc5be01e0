"""What was seen of one termination, however it came about."""

import math
from dataclasses import dataclass
from typing import Protocol

from seatrial.kubelet.termination import Termination
from seatrial.manifests.pods import PodTemplate
from seatrial.timeline import Kind, Timeline
from seatrial.trial.stage import Stage
from seatrial.trial.window import Window


class Terminable(Protocol):
    """A pod of any runtime, as far as its end is concerned."""

    @property
    def template(self) -> PodTemplate:
        """What it was made from."""

    @property
    def timeline(self) -> Timeline:
        """What happened to it."""

    async def terminate(self) -> tuple[Termination, ...]:
        """End it gracefully, and return how each container ended."""


@dataclass(frozen=True)
class Ended:
    """How a pod ended: `deleted_at` and `signalled_at`, of the container that serves, are of time.monotonic()."""

    deleted_at: float
    signalled_at: float | None
    ended_at: float
    grace_seconds: float
    containers: tuple[Termination, ...]

    @property
    def window(self) -> Window:
        """From its deletion to its end."""
        return Window(self.deleted_at, self.ended_at)

    @property
    def had_exited(self) -> bool:
        """Whether all had exited before, so that none was signalled."""
        return self.signalled_at is None and not any(each.seconds for each in self.containers)

    def exited_at(self, container: str) -> float:
        """Return when one of its containers had exited; others may have gone on."""
        seconds = (each.seconds for each in self.containers if each.container == container)
        return min(self.ended_at, self.deleted_at + next(seconds, math.inf))


async def end(stage: Stage, pod: Terminable, label: str) -> Ended:
    """Delete the pod as the kubelet does, to the end."""
    deleted_at = stage.mark(label)
    containers = await pod.terminate()
    signalled = pod.timeline.first(Kind.SIGNALLED, stage.subject.container.name, since=deleted_at)
    ended_at = stage.mark("ended")
    return Ended(
        deleted_at, signalled.at if signalled else None, ended_at, pod.template.grace_period_seconds, containers
    )
