"""What was seen of one termination, however it came about."""

from dataclasses import dataclass

from tests.harness.kubelet import Pod
from tests.harness.termination import Termination
from tests.harness.timeline import Kind
from tests.harness.trial.stage import Stage


@dataclass(frozen=True)
class Ended:
    """How a pod ended: `deleted_at` and `signalled_at`, of the container that serves, are of time.monotonic()."""

    deleted_at: float
    signalled_at: float | None
    ended_at: float
    grace_seconds: float
    containers: tuple[Termination, ...]


async def end(stage: Stage, pod: Pod, label: str) -> Ended:
    """Delete the pod as the kubelet does, to the end."""
    deleted_at = stage.mark(label)
    containers = await pod.terminate()
    signalled = pod.timeline.first(Kind.SIGNALLED, stage.subject.container.name, since=deleted_at)
    ended_at = stage.mark("ended")
    return Ended(
        deleted_at, signalled.at if signalled else None, ended_at, pod.template.grace_period_seconds, containers
    )
