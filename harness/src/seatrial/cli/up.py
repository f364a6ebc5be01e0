"""`seatrial up`."""

from pathlib import Path

import click

from seatrial.cli.verb import Deed
from seatrial.terminal.console import err


@click.command(cls=Deed)
@click.argument("path", type=click.Path(path_type=Path))
async def up(path: Path) -> None:
    """Deploy it on this machine, and wait until it is ready."""
    from seatrial.cli import status
    from seatrial.local import Local

    with err.status("") as spinner:

        def tell(line: str) -> None:
            spinner.update(line)
            if not err.is_terminal:
                err.print(line)

        local = await Local.rendered(path, tell)
        await local.up()
        states = await local.status()
    status.show(states)
