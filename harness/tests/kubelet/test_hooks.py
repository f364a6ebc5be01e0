"""Lifecycle hooks against the kubelet's rules: what fails, what does not, and whose time it is."""

import asyncio
import time

import pytest

from harness.tests.kubelet.test_pod import OneContainer
from harness.tests.servers import answer, read_request, serving
from seatrial.command import Command, Completed
from seatrial.kubelet import hooks
from seatrial.kubelet.container import TendedContainer
from seatrial.manifests.pods import Container, PodTemplate
from seatrial.manifests.probe import Exec, HttpGet, Sleep
from seatrial.timeline import Kind, Timeline
from seatrial.waiting import eventually

LIMIT_SECONDS = 20.0


async def ran(command: tuple[str, ...]) -> Completed:
    """Return what a command left: its one argument is its exit code."""
    return Completed(Command(command), int(command[-1]), "", "words", 0.0)


def port(number: int) -> int:
    """Return the host's port for a container's."""
    return number


@pytest.mark.parametrize(("code", "failure"), [("0", None), ("3", "exit code 3: words")])
async def test_command_fails_by_its_exit_code(code: str, failure: str | None) -> None:
    """And says why."""
    assert await hooks.run(Exec(("exit", code)), port, ran, 1.0) == failure


async def test_request_fails_by_having_no_answer_whatever_its_status() -> None:
    """Unlike a probe's."""

    async def fail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer(500))

    async with serving(fail) as listening:
        assert await hooks.run(HttpGet(listening), port, ran, 1.0) is None
    assert "ConnectionRefusedError" in str(await hooks.run(HttpGet(listening), port, ran, 1.0))


async def test_hook_ends_with_its_limit() -> None:
    """What is longer than the grace period is cut."""
    assert await hooks.run(Sleep(10.0), port, ran, 0.05) == "it did not end within 0.05 s"


async def ended(container: Container, podman: OneContainer, grace_seconds: float) -> tuple[Timeline, float, bool]:
    """End a container; return what happened, how long it took and whether it was killed."""
    timeline, began = Timeline(), time.monotonic()
    pod = PodTemplate("pod", (container,))
    tended = TendedContainer(container, pod, podman, timeline, lambda: None)
    found = await tended.end(grace_seconds)
    return timeline, time.monotonic() - began, found.sigkilled


async def test_stop_signal_comes_after_the_pre_stop_hook() -> None:
    """In this order, in the record as well."""
    container = Container("web", "pod-web", "image", pre_stop=Sleep(0.2))
    timeline, seconds, _ = await ended(container, podman := OneContainer(), 10.0)
    assert podman.signals == ["SIGTERM"]
    assert seconds >= 0.2
    kinds = [event.kind for event in timeline.events if event.kind in (Kind.HOOK, Kind.SIGNALLED)]
    assert kinds == [Kind.HOOK, Kind.HOOK, Kind.SIGNALLED]


async def test_grace_period_includes_the_pre_stop_hook_but_leaves_two_seconds() -> None:
    """A hook that uses it up leaves the process the kubelet's minimum."""
    container = Container("web", "pod-web", "image", pre_stop=Sleep(60.0))
    podman = OneContainer(ignores_sigterm=True)
    timeline, seconds, killed = await ended(container, podman, 1.0)
    assert killed
    assert podman.signals == ["SIGTERM", "SIGKILL"]
    assert 3.0 <= seconds < 10.0
    assert timeline.of(Kind.HOOK_FAILED)


async def test_signal_comes_at_once_without_a_hook() -> None:
    """The negative."""
    timeline, _, _ = await ended(Container("web", "pod-web", "image"), OneContainer(), 10.0)
    assert not timeline.of(Kind.HOOK)


async def tended(container: Container, podman: OneContainer, until: Kind) -> Timeline:
    """Tend a container until something has happened."""
    timeline = Timeline()
    pod = PodTemplate("pod", (container,))
    work = asyncio.create_task(TendedContainer(container, pod, podman, timeline, lambda: None).tend())
    await eventually(lambda: bool(timeline.of(until)), LIMIT_SECONDS, f"it is {until}")
    work.cancel()
    await asyncio.wait([work])
    return timeline


async def test_container_is_not_ready_before_its_post_start_hook_has_ended() -> None:
    """To the kubelet it does not run before."""
    container = Container("web", "pod-web", "image", post_start=Sleep(0.2))
    timeline = await tended(container, OneContainer(), Kind.READY)
    hooked = timeline.last(Kind.HOOK)
    ready = timeline.first(Kind.READY)
    assert hooked
    assert ready
    assert hooked.detail == "postStart ends"
    assert ready.at >= hooked.at


async def test_container_whose_post_start_hook_fails_is_ended_and_restarted() -> None:
    """And never ready meanwhile."""
    container = Container("web", "pod-web", "image", post_start=Exec(("fail",)))
    podman = OneContainer(failing={"fail"})
    timeline = await tended(container, podman, Kind.BACK_OFF)
    assert timeline.of(Kind.HOOK_FAILED)
    assert timeline.of(Kind.TERMINATED)
    assert not timeline.of(Kind.READY)
