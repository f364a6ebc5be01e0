"""`seatrial server VERB`: look after one server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli.verb import Deed
from seatrial.errors import HarnessError
from seatrial.terminal.console import out, tell

if TYPE_CHECKING:
    from seatrial.server.administration import Server


class Administration(Deed):
    """A verb of a server."""

    left = "what is live serves, and `seatrial server repair`, or the next rollout, tidies up"


@click.group()
def server() -> None:
    """Look after one server: install, roll out, roll back, back up."""


@server.command(cls=Administration)
@click.argument("image", required=False)
async def rollout(image: str | None) -> None:
    """Replace what is live by IMAGE when it is Ready, losing nothing; without IMAGE, by the same image anew."""
    await (here := _server()).roll_out(image)
    await _show(here)


@server.command(cls=Administration)
async def rollback() -> None:
    """Go back to what was live before, in the same way."""
    await (here := _server()).roll_back()
    await _show(here)


@server.command(cls=Administration)
async def repair() -> None:
    """Tidy up after an interrupted rollout; every rollout begins with it."""
    await (here := _server()).repair()
    await _show(here)


@server.command(cls=Administration)
async def status() -> None:
    """Print the state of each unit, and which colour is live."""
    await _show(_server())


@server.command(cls=Administration)
@click.argument("name")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--from-file", "pairs", multiple=True, metavar="KEY=PATH", help="Take the value of KEY from a file.")
async def secret(name: str, keys: tuple[str, ...], pairs: tuple[str, ...]) -> None:
    """Keep a Secret in podman, or replace it; a rollout or a restart brings it in.

    Values come from a prompt for each KEY, or from files.
    """
    await _server().keep_secret(name, keys, dict(map(_file, pairs)))


@server.command(cls=Administration)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Write nothing: read FILE back into a scratch database.")
async def backup(file: Path, *, verify: bool) -> None:
    """Write the data, as it is at one moment, to a new FILE, while the service serves."""
    await (_server().verify(file) if verify else _server().back_up(file))


@server.command(cls=Administration)
@click.argument("file", type=click.Path(path_type=Path))
async def restore(file: Path) -> None:
    """Put the backup FILE in place of the data, if this release can serve it; what was there is kept."""
    await _server().restore(file)


@server.command(cls=Administration)
@click.argument("overlay", type=click.Path(path_type=Path, resolve_path=True))
async def install(overlay: Path) -> None:
    """Install an overlay, by its directory, as systemd units, started now and at boot."""
    await (here := _server()).install(overlay)
    await _show(here)


@server.command(cls=Administration)
async def uninstall() -> None:
    """Stop and remove the units; the data stays."""
    await _server().uninstall()


def _server() -> Server:
    from seatrial.server.administration import Server

    return Server(tell)


def _file(pair: str) -> tuple[str, Path]:
    key, separator, path = pair.partition("=")
    if not (key and separator and path):
        raise HarnessError(f"--from-file: given {pair!r}; allowed: KEY=PATH")
    return key, Path(path)


async def _show(here: Server) -> None:
    from rich.table import Table

    table = Table("unit", "state", "restarts", "at boot", "live", "image", box=None, pad_edge=False)
    for each in await here.status():
        boot, live = "yes" if each.at_boot else "no", "live" if each.live else ""
        table.add_row(each.unit, each.state, str(each.restarts), boot, live, each.image)
    out.print(table)
