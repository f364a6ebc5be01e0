"""A part of a pod suffers alone."""

from dataclasses import dataclass, field, replace

from harness.tests.kubelet.test_pod import running
from seatrial.kubelet import faults
from seatrial.kubelet.part import Part
from seatrial.kubelet.pod import Pod
from seatrial.manifests.pods import Container, PodTemplate
from seatrial.podman.client import ContainerState, Podman
from seatrial.timeline import Kind, Timeline
from seatrial.waiting import consistently

LIMIT_SECONDS = 20.0
TEMPLATE = PodTemplate("pod", tuple(Container(name, f"pod-{name}", "image") for name in ("app", "store")))


@dataclass
class TwoContainers(Podman):
    """A podman with a pod of two, of which `changed` has all that was done to them."""

    states: dict[str, ContainerState] = field(default_factory=lambda: {"pod-app": running(), "pod-store": running()})
    changed: list[str] = field(default_factory=list)

    async def inspect(self, container: str) -> ContainerState:
        """Return the present state."""
        return self.states[container]

    async def kill(self, container: str, signal: str) -> None:
        """End one by a signal."""
        self.changed.append(f"{signal} {container}")
        state = self.states[container]
        self.states[container] = replace(state, running=False, status="exited", finished_at=state.started_at)

    async def start(self, container: str, pod: str) -> None:
        """Start one again."""
        self.changed.append(f"start {container} of {pod}")
        self.states[container] = running()

    async def change(self, *arguments: str, **_: object) -> None:
        """Take note of any other change."""
        self.changed.append(" ".join(arguments))

    async def logs(self, container: str) -> str:
        """Return nothing."""
        return container


async def test_part_that_is_stopped_stays_down_for_as_long_and_the_others_run_on() -> None:
    """The kubelet does not restart it meanwhile; the pod is not ready without it, the other container is."""
    podman, timeline = TwoContainers(), Timeline()
    async with Pod(TEMPLATE, podman, timeline) as pod:
        store = Part(pod, "store")
        await pod.until_ready(LIMIT_SECONDS)
        async with faults.stopped(podman, store):
            await consistently(lambda: not store.ready and pod.is_ready("app"), 2.5, "the store stays down")
            assert not pod.ready
        await store.until_ready(LIMIT_SECONDS)
        assert pod.ready
    assert podman.changed == ["SIGTERM pod-store", "start pod-store of pod"]
    assert not timeline.of(Kind.EXITED, subject="app")


async def test_part_is_frozen_alone() -> None:
    """And no other container of its pod."""
    podman = TwoContainers()
    async with Pod(TEMPLATE, podman, Timeline()) as pod, faults.paused(podman, Part(pod, "store")):
        assert podman.changed == ["pause pod-store"]
    assert podman.changed == ["pause pod-store", "unpause pod-store"]


async def test_container_that_ends_by_itself_is_restarted() -> None:
    """The negative: it is the fault that holds a part down."""
    podman = TwoContainers()
    async with Pod(TEMPLATE, podman, Timeline()) as pod:
        await pod.until_ready(LIMIT_SECONDS)
        await podman.kill("pod-store", "SIGKILL")
        await pod.until(lambda: pod.restarts("store") == 1, LIMIT_SECONDS, "it is restarted")
