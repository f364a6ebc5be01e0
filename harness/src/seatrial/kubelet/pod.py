"""The kubelet of one played pod: probes it, restarts its containers, terminates it, and writes down what happens."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from seatrial.command import Completed
from seatrial.errors import CommandError, LimitExceededError, NotReadyError
from seatrial.kubelet.container import TendedContainer
from seatrial.kubelet.termination import Termination
from seatrial.logs import Log, Logs, rendered
from seatrial.manifests.pods import PodTemplate
from seatrial.podman.client import Podman
from seatrial.timeline import Kind, Timeline
from seatrial.waiting import eventually


class Pod:
    """A played pod under the kubelet's care for as long as the context lasts; its end leaves the pod as it is.

    What only stands `beside` another pod is asked less often once it is ready.
    """

    def __init__(self, template: PodTemplate, podman: Podman, timeline: Timeline, *, beside: bool = False) -> None:
        self.template = template
        self.timeline = timeline
        self._podman = podman
        self._containers = {
            container.name: TendedContainer(container, template, podman, timeline, self._update, beside=beside)
            for container in template.containers
        }
        self._ready = False
        self._work: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to care."""
        self._work = asyncio.create_task(self._care(), name=f"kubelet of {self.name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop caring; raise what made the care itself fail, unless there is an error already."""
        await self.leave()
        if error is None:
            self._check()

    async def leave(self) -> None:
        """Stop caring before the context ends, so that another may begin to."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.wait([self._work])

    @property
    def name(self) -> str:
        """The pod's name in podman."""
        return self.template.name

    @property
    def ready(self) -> bool:
        """Whether all its containers are ready."""
        return self._ready

    def is_ready(self, *containers: str) -> bool:
        """Tell whether these of its containers are ready, whatever the others are."""
        return all(self._containers[name].ready for name in containers)

    @property
    def exit_codes(self) -> dict[str, int | None]:
        """How its containers have ended, by their names; None of one that has not."""
        return {name: container.exit_code for name, container in self._containers.items()}

    @property
    def pids(self) -> list[int]:
        """The first processes of those of its containers that run."""
        return [container.pid for container in self._containers.values() if container.pid]

    def restarts(self, container: str) -> int:
        """Return how often a container was started again."""
        return self._containers[container].restarts

    def host_port(self, container_port: int) -> int:
        """Return the host's port for a port of any of its containers."""
        for container in self.template.containers:
            if any(port.container_port == container_port for port in container.ports):
                return container.host_port(container_port)
        return self.template.containers[0].host_port(container_port)

    async def until_ready(self, limit_seconds: float) -> float:
        """Return the seconds until the pod was ready; NotReadyError has the timeline, logs and last commands."""
        try:
            return await self.until(lambda: self.ready, limit_seconds, f"pod {self.name} is ready")
        except LimitExceededError as error:
            raise NotReadyError(f"{error}\n{await self.report()}") from error

    async def until(self, predicate: Callable[[], bool], limit_seconds: float, reason: str) -> float:
        """Return the seconds until a predicate held, as `eventually`; ends early when the pod is cared for no more."""

        def checked() -> bool:
            self._check()
            return predicate()

        return await eventually(checked, limit_seconds, reason)

    async def terminate(self, grace_seconds: float | None = None) -> tuple[Termination, ...]:
        """Delete the pod as the kubelet does and return how each container ended, in the template's order.

        Liveness and startup stop at once, readiness goes on to the end; all containers are signalled together.
        """
        grace = self.template.grace_period_seconds if grace_seconds is None else grace_seconds
        self.timeline.record(Kind.DELETED, self.name, f"grace period {grace:g} s")
        for container in self._containers.values():
            container.delete()
        async with asyncio.TaskGroup() as together:
            ends = [together.create_task(container.end(grace)) for container in self._containers.values()]
        return tuple(end.result() for end in ends)

    async def end(self, container: str) -> Termination:
        """End one container as at the pod's deletion: it is not restarted, nor probed for that any more."""
        self._containers[container].delete()
        return await self._containers[container].end(self.template.grace_period_seconds)

    async def exec(self, command: Sequence[str], container: str | None = None) -> Completed:
        """Run a command in a container, the first if none is named, and return what it left."""
        return await self._podman.exec(self._podman_name(container), command)

    async def kill(self, container: str) -> None:
        """SIGKILL a container's first process."""
        await self._podman.kill(self._podman_name(container), "SIGKILL")

    async def logs(self) -> Logs:
        """Return what the containers that are still there wrote."""
        logs = []
        for container in (*self.template.init_containers, *self.template.containers):
            with suppress(CommandError):  # podman removes an init container that has succeeded
                logs.append(Log(container.name, await self._podman.logs(container.podman_name)))
        return tuple(logs)

    async def report(self) -> str:
        """Return everything that explains a failure: the timeline, the logs and the last commands."""
        commands = "\n".join(f"{done.returncode:>3}  {done.command}" for done in self._podman.history)
        return f"--- timeline\n{self.timeline}\n{rendered(await self.logs())}\n--- last commands\n{commands}"

    def _podman_name(self, container: str | None) -> str:
        names = {each.name: each.podman_name for each in self.template.containers}
        return names[container or self.template.containers[0].name]

    def _check(self) -> None:
        if self._work and self._work.done() and not self._work.cancelled():
            error = self._work.exception()
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            if error:
                raise error

    async def _care(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for container in self._containers.values():
                tasks.create_task(container.tend())

    def _update(self) -> None:
        ready = all(container.ready for container in self._containers.values())
        if ready != self._ready:
            self._ready = ready
            self.timeline.record(Kind.READY if ready else Kind.NOT_READY, self.name)
