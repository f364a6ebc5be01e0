"""The kubelet of one container: lists its state, runs its probes, ends and starts it again, and writes that down."""

import asyncio
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime

from seatrial.errors import PodmanError
from seatrial.kubelet import hooks
from seatrial.kubelet.attempt import attempt
from seatrial.kubelet.backoff import CrashLoopBackOff
from seatrial.kubelet.prober import ContainerProber, Observed, ProbeType, Ticker
from seatrial.kubelet.termination import Termination, terminate
from seatrial.manifests.pods import Container, PodTemplate
from seatrial.manifests.probe import Hook
from seatrial.podman.client import ContainerState, Podman
from seatrial.podman.listing import Listing
from seatrial.podman.mapping import map_ports
from seatrial.timeline import OUT_OF_MEMORY, Kind, Timeline

RELIST_SECONDS = 1.0
"""How often the kubelet lists its containers' states (pkg/kubelet/pleg/generic.go)."""
SELDOM = 5
"""Of a pod that only stands beside another, one in so many attempts is made for as long as it is ready.

Most commands of a trial were exec probes of such pods, on cores that the pod they stand beside had to wait for.
"""


class TendedContainer:
    """A container of a played pod; `changed` is called whenever it may have become ready or not ready.

    What only stands `beside` another pod is asked less often once it is ready.
    """

    def __init__(
        self,
        container: Container,
        pod: PodTemplate,
        podman: Podman,
        timeline: Timeline,
        changed: Callable[[], None],
        *,
        beside: bool = False,
    ) -> None:
        self.name = container.name
        self.restarts = 0
        self.ready = False
        self._container = container
        self._pod = pod
        self._podman = podman
        self._timeline = timeline
        self._changed = changed
        self._beside = beside
        self._prober = ContainerProber(container)
        self._backoff = CrashLoopBackOff()
        self._listing = Listing(podman, container.podman_name)
        self._state: ContainerState | None = None
        self._post_started: str | None = None
        self._restart_at: float | None = None
        self._started = False
        self._deleted = False
        self._turn = asyncio.Lock()
        self._relist = asyncio.Event()
        self._probe_now = {kind: asyncio.Event() for kind in self._prober.workers}

    @property
    def exit_code(self) -> int | None:
        """How it has ended; None while it has not."""
        return None if self._state is None or self._state.running else self._state.exit_code

    @property
    def pid(self) -> int | None:
        """Its first process; None while it does not run."""
        return self._state.pid if self._state and self._state.running else None

    async def tend(self) -> None:
        """List, probe and restart for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sync())
            for kind in self._prober.workers:
                tasks.create_task(self._probe(kind))

    def delete(self) -> None:
        """Take note that the pod's deletion was requested: no more liveness, startup and restarts."""
        self._deleted = True
        self._prober.delete()

    async def end(self, grace_seconds: float) -> Termination:
        """Terminate it, after its preStop hook if it has one, and return how it ended."""
        hook = self._container.pre_stop
        ended = await terminate(
            self._podman,
            self.name,
            self._container.podman_name,
            grace_seconds,
            lambda signal: self._timeline.record(Kind.SIGNALLED, self.name, signal),
            pre_stop=(lambda seconds: self._hook("preStop", hook, seconds)) if hook else None,
        )
        self._timeline.record(Kind.TERMINATED, self.name, str(ended))
        await self._list()
        return ended

    def _observed(self) -> Observed:
        if self._state is None:
            return Observed(instance=None, running=False)
        since = self._state.started_at
        return Observed(
            instance=self._state.instance,
            # To the kubelet it does not run before its postStart hook has ended.
            running=self._state.running and not self._has_to_post_start(self._state),
            running_seconds=(datetime.now(UTC) - since).total_seconds() if since else 0.0,
        )

    async def _sync(self) -> None:
        while True:
            state = await self._list()
            if not self._deleted:
                if self._has_to_post_start(state):
                    await self._post_start(state)
                await self._act(state)
            await _wait(self._relist, RELIST_SECONDS)

    def _has_to_post_start(self, state: ContainerState) -> bool:
        return state.running and self._container.post_start is not None and self._post_started != state.instance

    async def _post_start(self, state: ContainerState) -> None:
        hook = self._container.post_start
        assert hook is not None
        failed = not await self._hook("postStart", hook, float("inf"))
        self._post_started = state.instance
        if failed:
            await self.end(self._pod.grace_period_seconds)
        self._prober.observe(self._observed())
        self._update()

    async def _hook(self, name: str, hook: Hook, limit_seconds: float) -> bool:
        """Run a hook, write it down, and return whether it succeeded."""
        self._timeline.record(Kind.HOOK, self.name, f"{name} begins: {hooks.described(hook)}")
        failure = await hooks.run(
            hook,
            self._container.host_port,
            lambda command: self._podman.exec(self._container.podman_name, command, limit_seconds=limit_seconds),
            limit_seconds,
        )
        if failure is None:
            self._timeline.record(Kind.HOOK, self.name, f"{name} ends")
        else:
            self._timeline.record(Kind.HOOK_FAILED, self.name, f"{name}: {failure}")
        return failure is None

    async def _list(self) -> ContainerState:
        async with self._turn:
            before, state = self._state, await self._listing.state()
            self._state = state
        renewed = before is None or before.instance != state.instance
        if renewed:
            self.restarts += before is not None
            self._restart_at = None
            self._timeline.record(Kind.RUNNING, self.name, f"restart {self.restarts}" if self.restarts else "")
            if state.running and self._pod.mapped_ports:  # started alone, a pod has a new network
                await map_ports(state.id, state.pid, self._pod.mapped_ports)
        if not state.running and (renewed or (before and before.running)):
            reason = OUT_OF_MEMORY if state.out_of_memory else ""
            said = f"exit code {state.exit_code}" + (", out of memory" if reason else "")
            self._timeline.record(Kind.EXITED, self.name, said, exit_code=state.exit_code, reason=reason)
        self._prober.observe(self._observed())
        self._update()
        return state

    async def _act(self, state: ContainerState) -> None:
        if state.running and (kind := self._prober.unhealthy):
            probe = self._prober.workers[kind].probe
            grace = probe.grace_period_seconds
            self._timeline.record(Kind.UNHEALTHY, self.name, f"{kind} failed {probe.failure_threshold} times")
            await self.end(self._pod.grace_period_seconds if grace is None else grace)
            self._relist.set()
        elif not state.running and self._restarts(state):
            await self._restart(state)

    def _restarts(self, state: ContainerState) -> bool:
        policy, limit = self._pod.restart_policy, self._pod.backoff_limit
        if limit is not None:  # with Never a job makes another pod; here the same one is started again
            return state.exit_code != 0 and self.restarts < limit
        return policy == "Always" or (policy == "OnFailure" and state.exit_code != 0)

    async def _restart(self, state: ContainerState) -> None:
        if self._restart_at is None and state.started_at and state.finished_at:
            wait_seconds = self._backoff.after((state.finished_at - state.started_at).total_seconds())
            self._restart_at = time.monotonic() + wait_seconds
            if wait_seconds:
                self._timeline.record(Kind.BACK_OFF, self.name, f"{wait_seconds:g} s")
        if time.monotonic() >= (self._restart_at or 0.0):
            try:
                await self._podman.start(self._container.podman_name, self._pod.name)
            except PodmanError as error:
                self._timeline.record(Kind.START_FAILED, self.name, str(error))
            else:
                self._relist.set()

    async def _probe(self, kind: ProbeType) -> None:
        worker, container = self._prober.workers[kind], self._container
        ticker = Ticker(worker.probe.period_seconds, time.monotonic())
        for tick in itertools.count():
            if self._prober.ended(kind):
                return
            observed = self._observed()
            spared = self._beside and self.ready and tick % SELDOM
            if not spared and self._prober.wants_attempt(kind, observed):
                made = await attempt(
                    worker.probe, container.host_port, lambda command: self._podman.exec(container.podman_name, command)
                )
                if not self._prober.ended(kind):
                    outcome = Kind.ATTEMPT_SUCCEEDED if made.succeeded else Kind.ATTEMPT_FAILED
                    detail = f"{made.detail} ({made.seconds:.3f} s)"
                    self._timeline.record(outcome, f"{container.name}/{kind}", detail, seconds=made.seconds)
                    self._prober.record(kind, succeeded=made.succeeded, instance=observed.instance)
                    self._update()
            if await _wait(self._probe_now[kind], ticker.wait_seconds(time.monotonic())):
                ticker.reset(time.monotonic())

    def _update(self) -> None:
        if self._prober.started and not self._started:
            self._timeline.record(Kind.STARTED, self.name)
            if ProbeType.READINESS in self._probe_now:
                # As the kubelet does, so that a pod is ready soon after it has started.
                self._probe_now[ProbeType.READINESS].set()
        self._started = self._prober.started
        if self._prober.ready != self.ready:
            self.ready = self._prober.ready
            self._timeline.record(Kind.READY if self.ready else Kind.NOT_READY, self.name)
        if self._prober.unhealthy:
            self._relist.set()
        self._changed()


async def _wait(event: asyncio.Event, limit_seconds: float) -> bool:
    """Wait for an event or for so long; return whether it was the event, which is clear again then."""
    try:
        async with asyncio.timeout(limit_seconds):
            await event.wait()
    except TimeoutError:
        return False
    event.clear()
    return True
