"""`seatrial logs`."""

from pathlib import Path

import click

from seatrial.cli.verb import Deed
from seatrial.terminal.console import err


@click.command(cls=Deed)
@click.argument("path", type=click.Path(path_type=Path))
async def logs(path: Path) -> None:
    """Follow the logs of all its containers until interrupted."""
    from seatrial.local import Local
    from seatrial.podman.client import follow_logs

    follow_logs(await (await Local.rendered(path, err.print)).with_logs())
