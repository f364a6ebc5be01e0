"""A machine with systemd as its init and podman of its own: a container, privileged, for tests of servers alone."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from images.service import CHECKOUT, STAND_INS
from seatrial.command import Command, Completed
from seatrial.errors import CommandError, LimitExceededError
from seatrial.podman.client import Podman, environment
from seatrial.waiting import to_the_end

CGROUPS = Path("/sys/fs/cgroup")
UP = ("running", "degraded")  # a container loads no kernel modules
BOOT_SECONDS = 90.0
LIMIT_SECONDS = 600.0
BEGINNINGS = 5
NOT_BEGUN = re.compile(r"OCI runtime error: runc: exec failed: unable to start container process: .*read init-p:")
POLL_SECONDS = 0.2


@dataclass
class Machine:
    """One machine; its volumes keep what a disk would: podman's storage, homes, and units."""

    name: str
    image: str
    podman: Podman = field(default_factory=Podman)

    async def boot(self) -> None:
        """Make it, with the checkout at its own path, and wait until it is up."""
        volumes = [f"--volume={self.name}-{place}:{path}" for place, path in DISKS.items()]
        await self.podman.change(
            "run",
            "--detach",
            f"--name={self.name}",
            f"--hostname={self.name}",
            "--privileged",
            "--systemd=always",
            *_cgroups(),
            *volumes,
            f"--volume={CHECKOUT}:{CHECKOUT}:ro",
            self.image,
        )
        await self._until_up()

    async def reboot(self) -> None:
        """Shut it down in order and start it again."""
        await self.podman.change("stop", "--time=120", self.name, limit_seconds=180.0)
        await self.power_on()

    async def lose_power(self) -> None:
        """End everything that runs on it, at once; what was not written is lost to it."""
        await self.podman.change("kill", self.name)
        while (await self.podman.inspect(self.name)).running:  # noqa: ASYNC110 - podman tells nobody
            await asyncio.sleep(POLL_SECONDS)

    async def power_on(self) -> None:
        """Start it again and wait until it is up."""
        await self.podman.change("start", self.name)
        await self._until_up()

    async def remove(self) -> None:
        """Remove it and its disks."""
        with contextlib.suppress(CommandError):
            await self.podman.change("rm", "--force", "--time=0", self.name)
        await self.podman.remove_volumes(f"{self.name}-{place}" for place in DISKS)

    async def run(
        self, *argv: str, user: str | None = None, stdin: bytes | None = None, limit_seconds: float = LIMIT_SECONDS
    ) -> Completed:
        """Run a command on it, as root or as a user with that user's systemd, and return what it left.

        runc's part in the machine may be ended as it joins cgroups that systemd moves; the command has not begun then.
        """
        command = Command(self.argv(*argv, user=user), limit_seconds, stdin=stdin, env=environment())
        for _ in range(BEGINNINGS):
            done = await command.run()
            if not NOT_BEGUN.search(done.stderr):
                break
            await asyncio.sleep(POLL_SECONDS)
        return done

    async def ask(self, *argv: str, user: str | None = None) -> str:
        """Return what a command prints, without the space around it; raise CommandError when it fails."""
        return (await self.run(*argv, user=user)).check().stdout.strip()

    def argv(self, *argv: str, user: str | None = None) -> tuple[str, ...]:
        """Return the command by which this host runs one on the machine."""
        # A user's manager runs since boot, without a login.
        as_user = ("runuser", "--user", user, "--", "env", f"HOME=/home/{user}", *USER) if user else ()
        env = ("--env=PYTHONDONTWRITEBYTECODE=1", f"--env=SEATRIAL_STAND_INS={STAND_INS}")
        options = ("--interactive", f"--workdir={CHECKOUT}", *env)
        return ("podman", "exec", *options, self.name, *as_user, *argv)

    async def load_images(self, archive: Path, user: str | None = None) -> None:
        """Give podman on the machine the images of an archive."""
        with archive.open("rb") as file:
            process = await asyncio.create_subprocess_exec(
                *self.argv("podman", "load", "--quiet", user=user),
                stdin=file,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            _, stderr = await process.communicate()
        if process.returncode != 0:
            raise CommandError(f"the images could not be loaded: {stderr.decode(errors='replace')}")

    async def _until_up(self) -> None:
        deadline = time.monotonic() + BOOT_SECONDS
        state = ""
        while state not in UP:
            if time.monotonic() > deadline:
                raise LimitExceededError(f"{self.name} was not up within {BOOT_SECONDS:g} s: {state}")
            await asyncio.sleep(POLL_SECONDS)
            state = (await self.run("systemctl", "is-system-running")).stdout.strip()


DISKS = {"containers": "/var/lib/containers", "home": "/home", "units": "/etc/containers/systemd"}
USER = ("XDG_RUNTIME_DIR=/run/user/1000", "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus")


@asynccontextmanager
async def machine(name: str, image: str) -> AsyncIterator[Machine]:
    """Boot a machine, and remove every trace of it in the end."""
    made = Machine(name, image)
    try:
        await made.boot()
        yield made
    finally:
        await to_the_end(made.remove())


def _cgroups() -> tuple[str, ...]:
    """Return how a machine gets at this host's cgroups: v1 in a directory of its own, or it would mount more there."""
    if (CGROUPS / "cgroup.controllers").exists():
        return ("--cgroupns=private",)
    # A symbolic link, as cpu is one to cpu,cpuacct on many hosts, is mounted under its own name.
    mounted = [path.name for path in sorted(CGROUPS.iterdir()) if path.is_dir()]
    return (
        "--cgroupns=host",
        "--env=SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1",
        f"--mount=type=tmpfs,destination={CGROUPS}",
        *(f"--volume={CGROUPS / name}:{CGROUPS / name}:rw" for name in mounted),
    )
