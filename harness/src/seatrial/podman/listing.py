"""A container's state, asked of podman only when it may have changed: a process that lives is cheaper to look at."""

from seatrial.errors import HarnessError
from seatrial.host.processes import Processes
from seatrial.podman.client import ContainerState, Podman


class Listing:
    """What podman says of a container, for as long as the first process that it names is there.

    podman writes down a state's changes when that process starts and when it has ended, so nothing is missed; where
    its processes cannot be looked at, as those of another machine, podman is asked each time.
    """

    def __init__(self, podman: Podman, podman_name: str) -> None:
        self._podman = podman
        self._podman_name = podman_name
        self._state: ContainerState | None = None
        self._processes: Processes | None = None

    async def state(self) -> ContainerState:
        """Return the present state; PodmanError when podman cannot tell."""
        if self._state is None or self._processes is None or not self._processes.alive:
            self._state = await self._podman.inspect(self._podman_name)
            self._processes = _processes(self._state)
        return self._state


def _processes(state: ContainerState) -> Processes | None:
    try:
        return Processes.of(state.id, state.pid) if state.running else None
    except HarnessError:
        return None
