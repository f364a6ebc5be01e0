"""What an administrator does on a server: installs, rolls out and back, looks, keeps secrets, backs up and restores."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from seatrial.errors import HarnessError
from seatrial.manifests.pods import pods
from seatrial.podman.client import Podman
from seatrial.server import backup, install, launcher, layout, secret
from seatrial.server.errors import ServerError
from seatrial.server.installation import Installation
from seatrial.server.layout import APPLICATION, COLOURS
from seatrial.server.postgres import PostgresStore
from seatrial.server.proxy import Proxy
from seatrial.server.rollout import START_SECONDS, STOP_SECONDS, Rollout
from seatrial.server.sqlite import SqliteStore
from seatrial.server.systemd import Systemd
from seatrial.waiting import to_the_end


@dataclass(frozen=True)
class UnitStatus:
    """One unit as an administrator wants to know it."""

    unit: str
    state: str
    restarts: int
    at_boot: bool
    live: bool
    image: str


class Server:
    """The systemd and the podman of this user, and what is installed; `tell` hears what is done."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._systemd = Systemd.of_this_user()
        self._podman = Podman()
        self.installation = Installation(self._systemd.units)

    async def roll_out(self, image: str | None) -> None:
        """Replace what is live by an image, or by the same one anew."""
        with self.installation.alone() as lock:
            await self._rollout(lock).roll_out(image)

    async def roll_back(self) -> None:
        """Go back to what was live before."""
        with self.installation.alone() as lock:
            await self._rollout(lock).roll_back()

    async def repair(self) -> None:
        """Tidy up after an interrupted rollout."""
        with self.installation.alone() as lock:
            await self._rollout(lock).repair()

    async def status(self) -> list[UnitStatus]:
        """Return the state of each unit."""
        await self._systemd.answers()
        installation = self.installation
        self._tell(f"overlay {installation.overlay}, in {installation.directory}")
        live = await self._live()
        found = []
        for unit in installation.installed:
            state = await self._systemd.state(f"{unit}.service")
            started = "WantedBy" in (installation.directory / f"{unit}.kube").read_text()
            at_boot = installation.at_boot(unit) or started
            image = installation.image(unit) or ""
            found.append(UnitStatus(unit, str(state), state.restarts, at_boot, unit == live, image))
        return found

    async def keep_secret(self, name: str, keys: Sequence[str], files: Mapping[str, Path]) -> None:
        """Keep a Secret in podman: the values of keys come from a prompt, or from files."""
        if not (keys or files):
            raise ServerError("which key? give KEY to be asked for it, or --from-file KEY=PATH")
        await secret.keep(name, secret.read(keys, files), self._podman)
        self._tell(f"kept {name}")

    async def back_up(self, file: Path) -> None:
        """Write the data to a new file."""
        with self.installation.alone() as lock, backup.written(file) as target:
            await (await self._store(lock)).save(target)
        self._tell(f"written: {file}")

    async def verify(self, file: Path) -> None:
        """Read a backup back into a scratch database; what is live is not touched."""
        with backup.opened(file) as source, self.installation.alone() as lock:
            await (await self._store(lock)).verify(source)
        self._tell(f"{file} is a whole backup, and this release can serve it")

    async def restore(self, file: Path) -> None:
        """Put a backup in place of the data."""
        with backup.opened(file) as source, self.installation.alone() as lock:
            await (await self._store(lock)).restore(lambda: backup.from_the_start(source))
        self._tell("restored")

    async def install(self, overlay: Path) -> None:
        """Install an overlay as units, and the command `seatrial`."""
        place = launcher.path(user=self._systemd.user)
        launcher.write(place)
        await install.install(overlay, self._systemd, self._podman, self._tell)
        self._tell(f"installed; {place} is the command `seatrial`")

    async def uninstall(self) -> None:
        """Stop and remove the units, and the command."""
        await install.uninstall(self._systemd, self._podman, self._tell)
        launcher.remove(launcher.path(user=self._systemd.user))

    def _rollout(self, lock: int) -> Rollout:
        return Rollout(self.installation, self._systemd, Podman(held=(lock,)), self._tell)

    async def _live(self) -> str:
        """Return the unit that is live, nothing when that cannot be told."""
        if not self.installation.has_colours:
            return APPLICATION
        try:
            return await Proxy(self._podman).live()
        except HarnessError as error:
            self._tell(str(error))
            return ""

    async def _store(self, lock: int) -> SqliteStore | PostgresStore:
        """Return where the data is: PostgreSQL's pod if there is one, else the volume of the service."""
        podman = Podman(held=(lock,))
        for unit in self.installation.installed:
            for template in pods(self.installation.objects(unit)):
                if template.component == "database":
                    return PostgresStore(template.containers[0].podman_name, podman, self._tell)
        unit = await self._serving()
        (template,) = pods(self.installation.objects(unit))
        volume = layout.volume(self.installation.objects(unit))
        return SqliteStore(template.containers[0].image, volume, podman, self._tell, partial(self._while_down, unit))

    async def _serving(self) -> str:
        """Return the unit that serves, or is to: neither the proxy nor the service need run for a restore."""
        if live := await self._live():
            return live
        for unit in COLOURS:
            if self.installation.at_boot(unit):
                return unit
        raise ServerError("no colour is installed: `seatrial rollout IMAGE` does it")

    async def _while_down(self, unit: str, deed: Callable[[], Awaitable[None]]) -> None:
        """Do something while the service is down, and start it again, whatever becomes of it."""
        self._tell(f"{unit} ends meanwhile")
        await self._systemd.stop(f"{unit}.service", STOP_SECONDS)
        try:
            await deed()
        finally:
            self._tell(f"{unit} starts")
            await to_the_end(self._systemd.start(f"{unit}.service", START_SECONDS))
