"""The data in SQLite's file, by a container of the service's image with the volume: whether or not the service runs."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from seatrial.command import Command, Completed
from seatrial.podman.client import Podman, environment
from seatrial.server import database_file
from seatrial.server.errors import ServerError
from seatrial.waiting import to_the_end

LIMIT_SECONDS = 3600.0
CONTAINER = "seatrial-data"
"""One name: whoever has the installation's lock ends what a killed tool has left under it."""
PROGRAM = Path(database_file.__file__).read_text()


@dataclass(frozen=True)
class SqliteStore:
    """The file on a volume; `alone` ends the service, which has a damaged file open, and starts it again when done."""

    image: str
    volume: str
    podman: Podman
    tell: Callable[[str], None]
    alone: Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]

    async def save(self, target: int) -> None:
        """Write the database, as it is at one moment, to a descriptor."""
        _succeeded(await self._run("save", target=target))

    async def verify(self, source: int) -> None:
        """Read a backup back from a descriptor into a scratch database that this release can serve, or raise."""
        _succeeded(await self._run("verify", source=source))

    async def restore(self, open_again: Callable[[], int]) -> None:
        """Put a backup in place of the data in one step; what was there is kept, and where is told."""
        number = secrets.randbelow(2**31 - 1) + 1
        try:
            done = await self._run("restore", str(number), source=open_again())
            if done.returncode == database_file.DAMAGED:
                self.tell(done.stderr.strip())

                async def replace() -> None:
                    _succeeded(await self._run("replace", str(number), source=open_again()))

                await self.alone(replace)
            else:
                _succeeded(done)
        except BaseException:
            await to_the_end(self._say_which(number))
            raise
        await self._say_kept(number)

    async def _say_which(self, number: int) -> None:
        if (await self._run("which")).stdout.strip() == str(number):
            self.tell("the data is the backup's")
            await self._say_kept(number)
        else:
            self.tell("the data is what it was before")

    async def _say_kept(self, number: int) -> None:
        ask = ("volume", "inspect", "--format", "{{.Mountpoint}}", self.volume)
        place = (await self.podman.ask(*ask)).stdout.strip()
        self.tell(f"what was there is kept until the next restore: {place}/{database_file.KEPT}{number}.db")

    async def _run(self, *arguments: str, source: int | None = None, target: int | None = None) -> Completed:
        await self._end()
        options = (
            "--rm",
            "--interactive",
            f"--name={CONTAINER}",
            "--pull=never",
            "--network=none",
            "--read-only",
            "--cap-drop=all",
            "--security-opt=no-new-privileges",
            "--log-driver=none",  # or the journal would have all of the data
            f"--volume={self.volume}:{database_file.DATA}",
        )
        argv = ("podman", "run", *options, "--entrypoint=python", self.image, "-c", PROGRAM, *arguments)
        command = Command(argv, LIMIT_SECONDS, env=environment(), held=self.podman.held, source=source, target=target)
        try:
            return await command.run()
        finally:
            await to_the_end(self._end())

    async def _end(self) -> None:
        """End the container, and with it what runs in it: the end of `podman run` alone is not that."""
        await self.podman.change("rm", "--force", "--ignore", "--time=0", CONTAINER)


def _succeeded(done: Completed) -> None:
    """Raise ServerError with the program's own words, which are one message, unless it did what it should."""
    if done.returncode:
        raise ServerError(done.stderr.strip() or f"the container of the backup ended with {done.returncode}")
