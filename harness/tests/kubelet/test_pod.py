"""The kubelet of a pod, over a podman that is played by a double."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from seatrial.command import Command, Completed
from seatrial.errors import NotReadyError, PodmanError
from seatrial.kubelet import container
from seatrial.kubelet.pod import Pod
from seatrial.kubelet.prober import ProbeType
from seatrial.manifests.pods import Container, PodTemplate
from seatrial.manifests.probe import Exec, Probe
from seatrial.podman.client import ContainerState, Podman
from seatrial.timeline import Kind, Timeline
from seatrial.waiting import consistently, eventually

LIMIT_SECONDS = 20.0


def running() -> ContainerState:
    """Return a container that has just been started."""
    now = datetime.now(UTC)
    return ContainerState(
        name="pod-web",
        instance=now.isoformat(),
        running=True,
        status="running",
        exit_code=0,
        started_at=now,
        finished_at=None,
        out_of_memory=False,
        stop_signal="SIGTERM",
    )


@dataclass
class OneContainer(Podman):
    """A podman with one container, whose probes' commands succeed but for those in `failing`."""

    state: ContainerState = field(default_factory=running)
    failing: set[str] = field(default_factory=set)
    ignores_sigterm: bool = False
    broken: bool = False
    signals: list[str] = field(default_factory=list)

    async def inspect(self, container: str) -> ContainerState:
        """Return the present state."""
        if self.broken:
            raise PodmanError(f"no such container {container}")
        return self.state

    async def start(self, container: str, pod: str) -> None:  # noqa: ARG002 - there is one
        """Start it again."""
        self.state = running()

    async def kill(self, container: str, signal: str) -> None:
        """End it by a signal, unless it ignores that."""
        if not self.state.running:
            raise PodmanError(f"{container} is not running")
        self.signals.append(signal)
        if signal == "SIGKILL" or not self.ignores_sigterm:
            self.exit(137 if signal == "SIGKILL" else 0)

    async def exec(self, container: str, command: Iterable[str], limit_seconds: float = 1.0) -> Completed:  # noqa: ARG002 - there is one
        """Return whether a probe succeeds."""
        return Completed(Command(tuple(command)), int(bool(self.failing & set(command))), "", "", 0.0)

    async def logs(self, container: str) -> str:  # noqa: ARG002 - there is one
        """Return what it wrote."""
        return "what it wrote\n"

    def exit(self, exit_code: int) -> None:
        """Let it exit."""
        self.state = replace(
            self.state, running=False, status="exited", exit_code=exit_code, finished_at=datetime.now(UTC)
        )


def pod(podman: Podman, *kinds: ProbeType, beside: bool = False) -> Pod:
    """Return a pod whose probes of these types are attempted ten times a second and fail at the second failure."""
    probes = {kind.value: Probe(Exec((kind.value,)), period_seconds=0.1, failure_threshold=2) for kind in kinds}
    template = PodTemplate("pod", (Container("web", "pod-web", "image", **probes),))  # type: ignore[arg-type]
    return Pod(template, podman, Timeline(), beside=beside)


async def test_pod_that_stands_beside_another_is_asked_less_often_while_it_is_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Here not at all any more: until it is ready, and when it has been started again, at each period."""
    monkeypatch.setattr(container, "SELDOM", 10**9)
    podman = OneContainer(failing={"readiness"})
    async with pod(podman, ProbeType.READINESS, beside=True) as tended:
        of = tended.timeline.of
        await tended.until(lambda: len(of(Kind.ATTEMPT_FAILED)) > 2, LIMIT_SECONDS, "it is asked again and again")
        podman.failing.clear()
        await tended.until_ready(LIMIT_SECONDS)
        await consistently(lambda: len(of(Kind.ATTEMPT_SUCCEEDED)) == 1, 1.0, "it is asked no more")
        podman.exit(1)
        await tended.until(lambda: len(of(Kind.ATTEMPT_SUCCEEDED)) == 2, LIMIT_SECONDS, "it is asked after a restart")


async def test_pod_that_is_alone_is_asked_at_each_period(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is tried is."""
    monkeypatch.setattr(container, "SELDOM", 10**9)
    async with pod(OneContainer(), ProbeType.READINESS) as tended:
        await tended.until(
            lambda: len(tended.timeline.of(Kind.ATTEMPT_SUCCEEDED)) > 2, LIMIT_SECONDS, "it is asked again and again"
        )


async def test_pod_becomes_ready_after_it_has_started() -> None:
    """Startup succeeds first, then readiness; the timeline has it in that order."""
    podman = OneContainer(failing={"startup"})
    async with pod(podman, *ProbeType) as tended:
        await tended.until(lambda: bool(tended.timeline.of(Kind.ATTEMPT_FAILED)), LIMIT_SECONDS, "startup fails once")
        assert not tended.ready
        podman.failing.clear()
        await tended.until_ready(LIMIT_SECONDS)
    conditions = tended.timeline.trajectory("web", Kind.RUNNING, Kind.STARTED, Kind.READY)
    assert conditions[-2:] == [Kind.STARTED, Kind.READY]
    started = tended.timeline.last(Kind.STARTED, "web")
    assert started
    assert not tended.timeline.of(Kind.ATTEMPT_SUCCEEDED, subject="web/readiness", until=started.at)


async def test_pod_that_does_not_become_ready_is_explained() -> None:
    """The error has the timeline and the logs."""
    async with pod(OneContainer(failing={"readiness"}), ProbeType.READINESS) as tended:
        with pytest.raises(
            NotReadyError, match=r"(?s)not within 0\.5 s: pod pod is ready.*attempt failed.*what it wrote"
        ):
            await tended.until_ready(0.5)


async def test_container_is_restarted_when_liveness_failed() -> None:
    """It is terminated, started again, and becomes ready anew."""
    podman = OneContainer()
    async with pod(podman, ProbeType.READINESS, ProbeType.LIVENESS) as tended:
        await tended.until_ready(LIMIT_SECONDS)
        podman.failing = {"liveness"}
        await eventually(lambda: podman.signals == ["SIGTERM"], LIMIT_SECONDS, "the container is terminated")
        podman.failing = set()
        await tended.until(lambda: tended.restarts("web") == 1, LIMIT_SECONDS, "the container is started again")
        await tended.until_ready(LIMIT_SECONDS)
    assert tended.timeline.trajectory("web", Kind.UNHEALTHY, Kind.EXITED, Kind.READY, Kind.NOT_READY) == [
        Kind.READY,
        Kind.UNHEALTHY,
        Kind.EXITED,
        Kind.NOT_READY,
        Kind.READY,
    ]


async def test_container_is_not_restarted_when_readiness_failed() -> None:
    """Failing readiness makes the pod not ready and nothing else."""
    podman = OneContainer()
    async with pod(podman, ProbeType.READINESS) as tended:
        await tended.until_ready(LIMIT_SECONDS)
        podman.failing = {"readiness"}
        await tended.until(lambda: not tended.ready, LIMIT_SECONDS, "the pod is not ready")
        await consistently(lambda: tended.restarts("web") == 0 and not podman.signals, 1.5, "there is no restart")


async def test_container_that_exits_again_and_again_is_backed_off() -> None:
    """The first restart is immediate, the second has to wait."""
    podman = OneContainer()
    async with pod(podman) as tended:
        await tended.until_ready(LIMIT_SECONDS)
        podman.exit(7)
        await tended.until(lambda: tended.restarts("web") == 1, LIMIT_SECONDS, "the container is started again")
        podman.exit(8)
        await tended.until(lambda: bool(tended.timeline.of(Kind.BACK_OFF)), LIMIT_SECONDS, "the kubelet waits")
        assert not tended.ready
    assert [event.detail for event in tended.timeline.of(Kind.EXITED)] == ["exit code 7", "exit code 8"]


async def test_termination_ends_every_probe_but_readiness_and_restarts_nothing() -> None:
    """After the deletion only readiness is attempted, and the exited container stays so."""
    podman = OneContainer(ignores_sigterm=True)
    async with pod(podman, ProbeType.READINESS, ProbeType.LIVENESS) as tended:
        await tended.until_ready(LIMIT_SECONDS)
        podman.failing = {"readiness", "liveness"}
        (ended,) = await tended.terminate(grace_seconds=1.0)
        await consistently(lambda: not podman.state.running, 1.5, "the container stays down")
    assert (ended.exit_code, ended.sigkilled) == (137, True)
    assert podman.signals == ["SIGTERM", "SIGKILL"]
    deleted = tended.timeline.first(Kind.DELETED)
    assert deleted
    assert tended.timeline.of(Kind.ATTEMPT_FAILED, subject="web/readiness", since=deleted.at)
    assert not tended.timeline.of(Kind.ATTEMPT_FAILED, subject="web/liveness", since=deleted.at)
    assert not tended.ready


async def test_termination_sends_no_sigkill_within_the_grace_period() -> None:
    """A container that obeys SIGTERM keeps its own exit code."""
    podman = OneContainer()
    async with pod(podman) as tended:
        (ended,) = await tended.terminate()
    assert (ended.exit_code, ended.sigkilled, podman.signals) == (0, False, ["SIGTERM"])


async def test_failing_podman_is_not_waited_for() -> None:
    """What breaks the kubelet is raised to whoever waits, at once."""
    podman = OneContainer(failing={"readiness"})
    with contextlib.suppress(PodmanError):
        async with pod(podman, ProbeType.READINESS) as tended:
            podman.broken = True
            with pytest.raises(PodmanError, match="no such container"):
                await tended.until_ready(LIMIT_SECONDS)
