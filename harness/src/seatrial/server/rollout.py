"""A rollout: the other colour comes up, is Ready, gets the traffic, the old one ends; whatever stops it, one serves.

What is live is what the proxy says. The colour that is live starts at boot, always: between the two steps of a switch
both do. So at any moment, and after any end of this process or of the machine, the proxy's colour runs or is started,
and `repair` has to tidy up the other alone.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from seatrial.command import Command
from seatrial.errors import CommandError, HarnessError
from seatrial.kubelet.watching import until_ready
from seatrial.manifests.kustomize import render
from seatrial.manifests.pods import PodTemplate, pods
from seatrial.podman import images
from seatrial.podman.client import Podman, environment
from seatrial.server.errors import RolledBackError, ServerError
from seatrial.server.installation import Installation
from seatrial.server.layout import COLOURS, PROXY, of_image, parts
from seatrial.server.proxy import Proxy
from seatrial.server.systemd import Systemd, said

PULL_SECONDS = 600.0
START_SECONDS = 310.0
STOP_SECONDS = 60.0
WATCH_SECONDS = 0.5
DAMAGED_SECONDS = 60.0
HELD = "held"
"""The tag of a colour's image, under the colour's name."""

Tell = Callable[[str], None]


class Rollout:
    """The colours of an installation, under its lock; `tell` hears of each step before it is taken."""

    def __init__(self, installation: Installation, systemd: Systemd, podman: Podman, tell: Tell) -> None:
        if not installation.has_colours:
            raise ServerError(
                "a rollout needs two colours behind a proxy: install podman-blue-green, or an overlay made of it; "
                f"here is {installation.overlay}, which `seatrial server install` replaces with an outage"
            )
        self._installation = installation
        self._systemd = systemd
        self._podman = podman
        self._proxy = Proxy(podman)
        self._tell = tell

    async def roll_out(self, given: str | None) -> None:
        """Replace what is live by an image, or by itself with the manifests and Secrets as they now are.

        Raises RolledBackError, with the reason and the logs, when it does not become Ready.
        """
        if given is not None and not given.strip():
            # What a variable that is not set leaves of `seatrial rollout "$IMAGE"` means no image at all.
            raise ServerError(f"IMAGE: given {given!r}; allowed: the name of an image, or none for the same image anew")
        live = await self.repair()
        image = given or self._installation.image(live)
        if image is None:
            raise ServerError(f"which image? {live} does not say which it was given")
        identity = await self._obtain(image)
        other = _other(live)
        overlay = self._installation.overlay
        objects = parts(await render(Path(overlay)), Path(overlay))[other]
        self._tell(f"{other}: {image} ({identity[:12]})")
        self._installation.propose(other, of_image(objects, image, identity))
        await self._hold_image(other)
        await self._replace(live, other)

    async def roll_back(self) -> None:
        """Replace what is live by what was live before it."""
        live = await self.repair()
        other = _other(live)
        if not self._installation.objects(other):
            raise ServerError(f"there is nothing to roll back to: {live} is the first that was installed")
        self._tell(f"{other}: {self._installation.image(other)}, as it was before {live}")
        await self._replace(live, other)

    async def repair(self) -> str:
        """Make what there is whole, after whatever interrupted a rollout, and return the live colour."""
        await self._systemd.start(f"{PROXY}.service", START_SECONDS)
        live = await self._live()
        other = _other(live)
        self._installation.accept(live)
        if not self._installation.at_boot(live):
            self._installation.set_at_boot(live, starts=True)
            await self._systemd.reload()
        try:
            await self._systemd.start(f"{live}.service", START_SECONDS)
        except CommandError as error:  # which a rollout may mend
            self._tell(f"{live} is live and does not start: {error}")
        state = await self._systemd.state(f"{other}.service")
        untidy = not state.down or self._installation.at_boot(other) or self._installation.proposed(other)
        if untidy:
            self._tell(f"tidying up after an interrupted rollout: {live} is live, {other} ends")
            await self._retire(other)
        return live

    async def first(self, given: str) -> None:
        """Install the first revision as the live colour, blue unless the proxy's volume says otherwise."""
        identity = await self._obtain(given)
        live = await self._live()
        overlay = self._installation.overlay
        objects = parts(await render(Path(overlay)), Path(overlay))[live]
        self._installation.write_yaml(live, of_image(objects, given, identity))
        await self._hold_image(live)
        self._installation.set_at_boot(live, starts=True)
        await self._systemd.reload()
        await self._bring_up(live)

    async def _replace(self, live: str, other: str) -> None:
        try:
            await self._systemd.reload()
            await self._bring_up(other)
        except HarnessError as error:
            await self._retire(other)
            raise RolledBackError(f"{error}\n\n{await self._after_going_back(live)}") from error
        self._tell(f"{other} is ready, and starts at boot from now on")
        self._installation.set_at_boot(other, starts=True)
        self._tell(f"new requests go to {other}")
        await self._proxy.switch(other)
        self._installation.accept(other)
        self._tell(f"{live} starts at boot no longer")
        self._installation.set_at_boot(live, starts=False)
        await self._systemd.reload()
        self._tell(f"{live} ends, within its grace period")
        await self._systemd.stop(f"{live}.service", STOP_SECONDS)

    async def _after_going_back(self, live: str) -> str:
        """Return what became of the live colour, as it was seen."""
        (template,) = pods(self._installation.objects(live))
        try:
            await until_ready(template, self._podman)
        except HarnessError as error:
            return f"rolled back: {live} is live, and does not serve: {error}; look at `seatrial server status`"
        return f"rolled back: {live} serves as before"

    async def _bring_up(self, unit: str) -> None:
        """Start a colour and wait until it is Ready; raise as soon as it is clear that it will not be."""
        began = time.time()
        (template,) = pods(self._installation.objects(unit))
        names = [each.podman_name for each in (*template.init_containers, *template.containers)]
        self._tell(f"{unit} starts")
        try:
            await self._systemd.start(f"{unit}.service", START_SECONDS)
            watches = [asyncio.create_task(self._until_faltering(unit)), asyncio.create_task(self._ready(template))]
            try:
                done, _ = await asyncio.wait(watches, return_when=asyncio.FIRST_COMPLETED)
                done.pop().result()
            finally:
                for watch in watches:
                    watch.cancel()
                await asyncio.gather(*watches, return_exceptions=True)
        except HarnessError as error:
            if logs := await said(tuple(names), began):
                reason = str(error).partition("\n")[0]
                raise ServerError(f"{unit} did not become ready: {reason}\n--- its logs\n{logs}") from error
            # No container came as far as a log: only podman and systemd know why.
            words = await self._systemd.said_of(f"{unit}.service", began)
            raise ServerError(f"{unit} did not become ready: {error}\n--- its unit\n{words}") from error

    async def _ready(self, template: PodTemplate) -> None:
        self._tell(f"waiting until {template.name} is ready")
        await until_ready(template, self._podman)

    async def _until_faltering(self, unit: str) -> None:
        while True:
            state = await self._systemd.state(f"{unit}.service")
            if state.faltered:
                raise ServerError(f"its unit is {state}")
            await asyncio.sleep(WATCH_SECONDS)

    async def _retire(self, unit: str) -> None:
        """Stop a colour that is not live, and leave of it what was there before it was proposed."""
        await self._systemd.stop(f"{unit}.service", STOP_SECONDS)
        await self._systemd.clear(f"{unit}.service")
        self._installation.withdraw(unit)
        await self._hold_image(unit)
        self._installation.set_at_boot(unit, starts=False)
        await self._systemd.reload()

    async def _hold_image(self, unit: str) -> None:
        """Give a colour's image a tag, without which `podman image prune` would take what a rollback needs."""
        for template in pods(self._installation.objects(unit)):
            await images.tag(template.containers[0].image, f"{images.LOCAL}{unit}:{HELD}")

    async def _live(self) -> str:
        """Return the live colour as soon as the proxy answers, which may have been started a moment ago."""
        deadline = time.monotonic() + DAMAGED_SECONDS
        while time.monotonic() < deadline:
            with suppress(CommandError, ServerError):
                return await self._proxy.live()
            await asyncio.sleep(WATCH_SECONDS)
        return await self._proxy.live()

    async def _obtain(self, image: str) -> str:
        """Return an image's id, as its registry has it now, or as it was built here."""
        if not image.startswith(images.LOCAL):
            self._tell(f"pulling {image}")
            pulled = await Command(("podman", "pull", "--quiet", image), PULL_SECONDS, env=environment()).run()
            pulled.check(ServerError)
        try:
            return await images.identity(image)
        except CommandError as error:
            raise ServerError(f"there is no image {image} here") from error


def _other(colour: str) -> str:
    return next(each for each in COLOURS if each != colour)
