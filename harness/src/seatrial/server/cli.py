"""The command line, `seatrial VERB`: it parses, wires and prints."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

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

FAILED, INTERRUPTED = 1, 130
UNLIMITED_COLUMNS = 1000

out = Console(highlight=False, width=None if sys.stdout.isatty() else UNLIMITED_COLUMNS)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Server:
    """What the verbs work on: this user's systemd and podman."""

    def __init__(self) -> None:
        self.systemd = Systemd.of_this_user()
        self.podman = Podman()
        self.installation = Installation(self.systemd.units)

    def rollout(self, lock: int) -> Rollout:
        """Return the colours of the installation, whose lock is held."""
        return Rollout(self.installation, self.systemd, Podman(held=(lock,)), tell)

    async def store(self) -> backup.Store:
        """Return where the data is: PostgreSQL's pod if there is one, else the container that serves."""
        for unit in self.installation.installed:
            for template in pods(self.installation.objects(unit)):
                if template.component == "database":
                    return backup.postgres(template.containers[0].podman_name)
        unit = await Proxy(self.podman).live() if self.installation.has_colours else APPLICATION
        (template,) = pods(self.installation.objects(unit))
        return backup.sqlite(template.containers[0].podman_name)


def tell(line: str) -> None:
    """Say what is being done."""
    err.print(line, markup=False)


async def rollout(server: Server, arguments: argparse.Namespace) -> None:
    """Replace what is live by an image, when it is Ready, losing nothing; without IMAGE, the same image anew."""
    with server.installation.alone() as lock:
        await server.rollout(lock).roll_out(arguments.image)
    await status(server, arguments)


async def rollback(server: Server, arguments: argparse.Namespace) -> None:
    """Go back to what was live before, in the same way."""
    with server.installation.alone() as lock:
        await server.rollout(lock).roll_back()
    await status(server, arguments)


async def repair(server: Server, arguments: argparse.Namespace) -> None:
    """Tidy up after an interrupted rollout; every rollout begins with it."""
    with server.installation.alone() as lock:
        await server.rollout(lock).repair()
    await status(server, arguments)


async def status(server: Server, _arguments: argparse.Namespace) -> None:
    """Print the state of each unit, and which colour is live."""
    await server.systemd.answers()
    installation = server.installation
    err.print(f"overlay {installation.overlay}, in {installation.directory}")
    live = APPLICATION
    if installation.has_colours:
        try:
            live = await Proxy(server.podman).live()
        except HarnessError as error:
            live = ""
            tell(str(error))
    table = Table("unit", "state", "restarts", "at boot", "live", "image", box=None, pad_edge=False)
    for unit in installation.installed:
        state = await server.systemd.state(f"{unit}.service")
        boot = (
            "yes"
            if installation.at_boot(unit) or "WantedBy" in (installation.directory / f"{unit}.kube").read_text()
            else "no"
        )
        table.add_row(
            unit, str(state), str(state.restarts), boot, "live" if unit == live else "", installation.image(unit) or ""
        )
    out.print(table)


async def keep_secret(server: Server, arguments: argparse.Namespace) -> None:
    """Keep a Secret in podman, or replace it, from a prompt or from files; a rollout or a restart brings it in."""
    files = {}
    for pair in arguments.from_file:
        key, separator, path = pair.partition("=")
        if not (key and separator and path):
            raise ServerError(f"--from-file: given {pair!r}; allowed: KEY=PATH")
        files[key] = Path(path)
    if not (arguments.keys or files):
        raise ServerError("which key? give KEY to be asked for it, or --from-file KEY=PATH")
    await secret.keep(arguments.name, secret.read(arguments.keys, files), server.podman)
    tell(f"kept {arguments.name}")


async def back_up(server: Server, arguments: argparse.Namespace) -> None:
    """Write the data, as it is at one moment, to a new file, while the service serves."""
    await backup.back_up(await server.store(), arguments.file, server.podman)
    tell(f"written: {arguments.file}")


async def restore(server: Server, arguments: argparse.Namespace) -> None:
    """Put a backup in place of the data; a rollout brings an older backup's schema up to date."""
    with server.installation.alone():
        await backup.restore(await server.store(), arguments.file, server.podman)
    tell("restored; `seatrial rollout` brings its schema up to date, if the backup is older than the service")


async def install_overlay(server: Server, arguments: argparse.Namespace) -> None:
    """Install an overlay as systemd units, started now and at boot; `make server-install` is this."""
    place = launcher.path(user=server.systemd.user)
    launcher.write(place)
    await install.install(arguments.overlay, server.systemd, server.podman, tell)
    tell(f"installed; {place} is the command `seatrial`")
    await status(server, arguments)


async def uninstall(server: Server, _arguments: argparse.Namespace) -> None:
    """Stop and remove the units; the data stays; `make server-uninstall` is this."""
    await install.uninstall(server.systemd, server.podman, tell)
    launcher.remove(launcher.path(user=server.systemd.user))


VERBS: dict[str, Callable[[Server, argparse.Namespace], Coroutine[Any, Any, None]]] = {
    "rollout": rollout,
    "rollback": rollback,
    "repair": repair,
    "status": status,
    "secret": keep_secret,
    "backup": back_up,
    "restore": restore,
    "install": install_overlay,
    "uninstall": uninstall,
}


def main() -> int:
    """Run one verb and return the exit code; what an administrator can mend is one message."""
    arguments = parser().parse_args()
    try:
        asyncio.run(VERBS[arguments.verb](Server(), arguments))
    except HarnessError as error:
        err.print(str(error), markup=False, style="red")
        return FAILED
    except KeyboardInterrupt:
        err.print("interrupted; what is live serves, and `seatrial repair`, or the next rollout, tidies up")
        return INTERRUPTED
    return 0


def parser() -> argparse.ArgumentParser:
    """Return what the command line may be."""
    made = argparse.ArgumentParser(prog="seatrial", description="One server: install, roll out, roll back, look after.")
    verbs = made.add_subparsers(required=True, metavar="VERB", dest="verb")
    parsers = {name: verbs.add_parser(name, help=do.__doc__, description=do.__doc__) for name, do in VERBS.items()}
    parsers["rollout"].add_argument("image", nargs="?", metavar="IMAGE")
    parsers["secret"].add_argument("name", metavar="NAME")
    parsers["secret"].add_argument("keys", nargs="*", metavar="KEY", help="asked for at a prompt")
    parsers["secret"].add_argument("--from-file", action="append", default=[], metavar="KEY=PATH")
    for name in ("backup", "restore"):
        parsers[name].add_argument("file", type=Path, metavar="FILE")
    parsers["install"].add_argument("overlay", nargs="?", default="podman-blue-green", metavar="OVERLAY")
    return made
