"""Ending a container as the kubelet does: the stop signal, the grace period, then SIGKILL."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from seatrial.errors import PodmanError
from seatrial.podman.client import ContainerState, Podman
from seatrial.podman.listing import Listing

POLL_SECONDS = 0.25
MINIMUM_GRACE_SECONDS = 2.0
"""What a container has at least after its preStop hook (pkg/kubelet/kuberuntime/kuberuntime_container.go)."""


@dataclass(frozen=True)
class Termination:
    """How a container ended: `sigkilled` when it outlived its grace period and was sent SIGKILL for it."""

    container: str
    exit_code: int
    seconds: float
    sigkilled: bool

    def __str__(self) -> str:
        """Return it in words."""
        killed = ", by SIGKILL after the grace period" if self.sigkilled else ""
        return f"exit code {self.exit_code} after {self.seconds:.2f} s{killed}"


async def terminate(
    podman: Podman,
    container: str,
    podman_name: str,
    grace_seconds: float,
    signalling: Callable[[str], object],
    *,
    pre_stop: Callable[[float], Awaitable[object]] | None = None,
) -> Termination:
    """Signal a container to stop and return how it ended; one that had exited before took no time.

    `pre_stop` is run before, for at most the seconds that it is given; the grace period includes it. `signalling` is
    told the stop signal just before it is sent.

    This is not `podman stop`: that hides whether it needed SIGKILL, and lets no exec probe in meanwhile.
    """
    began = datetime.now(UTC)
    listing = Listing(podman, podman_name)
    state = await listing.state()
    sigkilled = False
    if state.running:
        left_seconds = grace_seconds
        if pre_stop is not None and grace_seconds > 0:
            left_seconds = max(grace_seconds - await _timed(pre_stop(grace_seconds)), MINIMUM_GRACE_SECONDS)
        signalling(state.stop_signal)
        await _signal(podman, podman_name, state.stop_signal)
        try:
            async with asyncio.timeout(left_seconds):
                state = await _exited(listing)
        except TimeoutError:
            sigkilled = await _signal(podman, podman_name, "SIGKILL")
            state = await _exited(listing)
    seconds = (state.finished_at - began).total_seconds() if state.finished_at else 0.0
    return Termination(container, state.exit_code, max(seconds, 0.0), sigkilled)


async def _timed(work: Awaitable[object]) -> int:
    """Return how many whole seconds it took: that is how the kubelet counts them."""
    began = time.monotonic()
    await work
    return int(time.monotonic() - began)


async def _exited(listing: Listing) -> ContainerState:
    # `podman wait` returns seconds late when the pod's last container has exited (5.4.2).
    while True:
        state = await listing.state()
        if not state.running:
            return state
        await asyncio.sleep(POLL_SECONDS)


async def _signal(podman: Podman, podman_name: str, signal: str) -> bool:
    """Send a signal and tell whether it was sent: a container that exits at this moment takes none."""
    try:
        await podman.kill(podman_name, signal)
    except PodmanError:
        if (await podman.inspect(podman_name)).running:
            raise
        return False
    return True
