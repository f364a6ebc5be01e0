"""The systemctl command line, of the machine or of a user: the one module behind which systemd stands."""

import os
from dataclasses import dataclass
from pathlib import Path

from seatrial.command import Command, Completed
from seatrial.server.errors import ServerError, SystemdError

ASK_SECONDS = 30.0
LINES = 40
GENERATORS = tuple(
    Path(place) for place in ("/run/systemd", "/etc/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd")
)
"""Where systemd looks for programs that make units, in `system-generators` or `user-generators`."""


@dataclass(frozen=True)
class UnitState:
    """A unit as systemd sees it; `restarts` counts those since it was last started by hand."""

    name: str
    active: str
    sub: str
    result: str
    restarts: int

    @property
    def down(self) -> bool:
        """Whether nothing of it runs, nor will by itself."""
        return self.active in ("inactive", "failed")

    @property
    def faltered(self) -> bool:
        """Whether it failed since it was started, even if it is being started again."""
        return self.down or self.restarts > 0 or self.sub == "auto-restart"

    def __str__(self) -> str:
        """Return it as `systemctl status` puts it."""
        result = "" if self.result == "success" else f", {self.result}"
        return f"{self.active} ({self.sub}{result})"


@dataclass(frozen=True)
class Systemd:
    """systemd for root, which is the machine's, or for a user, which is that user's own."""

    user: bool

    @classmethod
    def of_this_user(cls) -> "Systemd":
        """Return the one that this process's user commands."""
        return cls(user=os.geteuid() != 0)

    @property
    def units(self) -> Path:
        """Where Quadlet finds the units of this scope."""
        if not self.user:
            return Path("/etc/containers/systemd")
        config = os.environ.get("XDG_CONFIG_HOME")
        return (Path(config) if config else Path.home() / ".config") / "containers" / "systemd"

    async def reload(self) -> None:
        """Read the units again, which runs Quadlet."""
        await self._change("daemon-reload", limit_seconds=ASK_SECONDS)

    async def start(self, unit: str, limit_seconds: float) -> None:
        """Start a unit and wait until it has; one that runs stays as it is."""
        await self._change("start", unit, limit_seconds=limit_seconds)

    async def stop(self, unit: str, limit_seconds: float) -> None:
        """Stop a unit within its grace period and wait until it has."""
        await self._change("stop", unit, limit_seconds=limit_seconds)

    async def restart(self, unit: str, limit_seconds: float) -> None:
        """Stop and start a unit."""
        await self._change("restart", unit, limit_seconds=limit_seconds)

    async def state(self, unit: str) -> UnitState:
        """Return a unit's present state; one that systemd does not know is inactive."""
        names = ("ActiveState", "SubState", "Result", "NRestarts")
        shown = (await self._run("show", f"--property={','.join(names)}", unit)).check(SystemdError).stdout
        values = dict(line.partition("=")[::2] for line in shown.splitlines())
        active, sub, result, restarts = (values.get(name, "") for name in names)
        return UnitState(unit, active, sub, result, int(restarts or 0))

    async def clear(self, unit: str) -> None:
        """Forget that a unit failed."""
        await self._run("reset-failed", unit)

    async def said_of(self, unit: str, since: float, lines: int = LINES) -> str:
        """Return what the journal has of a unit since a time.time(): its programs' words, and systemd's own."""
        option = "--user-unit" if self.user else "--unit"
        argv = (
            "journalctl",
            "--quiet",
            "--output=cat",
            f"--since=@{since:.3f}",
            f"--lines={lines}",
            f"{option}={unit}",
        )
        return (await Command(argv, ASK_SECONDS).run()).stdout.rstrip()

    async def answers(self) -> None:
        """Raise ServerError, with what to do, where this scope's systemd does not answer."""
        completed = await self._run("show", "--property=Version")
        if completed.returncode != 0:
            how = " (as a user, log in by ssh or `machinectl shell`, not by su)" if self.user else ""
            raise ServerError(f"systemd does not answer{how}: {completed.stderr.strip()}")

    def makes_units(self) -> None:
        """Raise ServerError where Quadlet, which makes the units, is none of systemd's generators."""
        scope = "user" if self.user else "system"
        if not any((place / f"{scope}-generators/podman-{scope}-generator").exists() for place in GENERATORS):
            raise ServerError(
                "systemd has no Quadlet here: it comes with the system's own package of podman, 5.1 or newer; "
                "a podman in a checkout runs no units"
            )

    async def _change(self, *arguments: str, limit_seconds: float) -> None:
        (await self._run(*arguments, limit_seconds=limit_seconds)).check(SystemdError)

    async def _run(self, *arguments: str, limit_seconds: float = ASK_SECONDS) -> Completed:
        scope = ("--user",) if self.user else ()
        return await Command(("systemctl", *scope, *arguments), limit_seconds).run()


async def said(containers: tuple[str, ...], since: float, lines: int = LINES) -> str:
    """Return what containers wrote into the journal since a time.time(), the last lines of it."""
    matches = tuple(f"CONTAINER_NAME={name}" for name in containers)
    argv = ("journalctl", "--quiet", "--output=cat", f"--since=@{since:.3f}", f"--lines={lines}", *matches)
    return (await Command(argv, ASK_SECONDS).run()).stdout.rstrip()


async def lingers(user: str) -> bool:
    """Tell whether a user's units run without a login, and so from boot on."""
    return (await Command(("loginctl", "show-user", "--property=Linger", user)).run()).stdout.strip() == "Linger=yes"
