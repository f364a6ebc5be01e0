"""What an administrator does on a server: installs, rolls out and back, looks, keeps secrets, backs up and restores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import HarnessError
from seatrial.manifests.pods import pods
from seatrial.podman.client import Podman
from seatrial.server import backup, install, launcher, secret
from seatrial.server.errors import ServerError
from seatrial.server.installation import Installation
from seatrial.server.layout import APPLICATION
from seatrial.server.proxy import Proxy
from seatrial.server.rollout import Rollout
from seatrial.server.systemd import Systemd


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
        await backup.back_up(await self._store(), file, self._podman)
        self._tell(f"written: {file}")

    async def restore(self, file: Path) -> None:
        """Put a backup in place of the data."""
        with self.installation.alone():
            await backup.restore(await self._store(), file, self._podman)
        self._tell("restored; `seatrial rollout` brings its schema up to date, if the backup is older than the service")

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

    async def _store(self) -> backup.Store:
        """Return where the data is: PostgreSQL's pod if there is one, else the container that serves."""
        for unit in self.installation.installed:
            for template in pods(self.installation.objects(unit)):
                if template.component == "database":
                    return backup.postgres(template.containers[0].podman_name)
        unit = await Proxy(self._podman).live() if self.installation.has_colours else APPLICATION
        (template,) = pods(self.installation.objects(unit))
        return backup.sqlite(template.containers[0].podman_name)
