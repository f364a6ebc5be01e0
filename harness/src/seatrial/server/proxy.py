"""The proxy's switch: which colour new requests go to is a file in its volume, which it looks at with each request."""

from seatrial.podman.client import Podman
from seatrial.server.errors import ServerError
from seatrial.server.layout import COLOURS, PROXY
from seatrial.waiting import to_the_end

CONTAINER = f"{PROXY}-pod-{PROXY}"
DIRECTORY = f"/var/lib/{PROXY}"
BLUE, GREEN = COLOURS
# The file is there, or not, even after a power loss in the next moment.
CHANGES = {
    BLUE: f"rm -f {DIRECTORY}/green && sync {DIRECTORY}",
    GREEN: f"touch {DIRECTORY}/green && sync {DIRECTORY}",
}


class Proxy:
    """The running proxy: asked for the live colour, and told another one."""

    def __init__(self, podman: Podman) -> None:
        self._podman = podman

    async def live(self) -> str:
        """Return the unit of the colour that new requests go to."""
        ask = ("curl", "--fail", "--silent", "--show-error", "--max-time", "5", "http://127.0.0.1:8081/live")
        completed = await self._podman.exec(CONTAINER, ask)
        units = {colour.rpartition("-")[2]: colour for colour in COLOURS}
        if completed.returncode != 0 or completed.stdout.strip() not in units:
            said = (completed.stderr or completed.stdout).strip()
            raise ServerError(f"the proxy does not say which colour is live: {said}; look at `seatrial server status`")
        return units[completed.stdout.strip()]

    async def switch(self, colour: str) -> None:
        """Send all new requests to a colour, and see that it is so."""
        # The end of `podman exec` is not the end of what it runs: whoever interrupts this is told after the switch.
        completed = await to_the_end(self._podman.exec(CONTAINER, ("sh", "-c", CHANGES[colour])))
        if completed.returncode != 0 or await self.live() != colour:
            raise ServerError(f"the proxy could not be switched to {colour}: {completed.stderr.strip()}")
