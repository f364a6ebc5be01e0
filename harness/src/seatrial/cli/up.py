"""`seatrial up`."""

import click

from seatrial.cli.verb import Deed
from seatrial.terminal.console import err


@click.command(cls=Deed)
@click.argument("path", default="podman", type=click.Path())
async def up(path: str) -> None:
    """Deploy it on this machine, and wait until it is ready."""
    from seatrial.cli import build, status
    from seatrial.local import Local, overlay_path

    found = overlay_path(path)
    await build.make()
    with err.status("") as spinner:

        def tell(line: str) -> None:
            spinner.update(line)
            if not err.is_terminal:
                err.print(line)

        local = await Local.rendered(found, tell)
        await local.up()
        states = await local.status()
    status.show(states)
