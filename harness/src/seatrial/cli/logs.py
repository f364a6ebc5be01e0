"""`seatrial logs`."""

from pathlib import Path

import click

from seatrial.cli.verb import Deed
from seatrial.terminal.console import err


@click.command(cls=Deed)
@click.argument("path", type=click.Path(path_type=Path))
async def logs(path: Path) -> None:
    """Follow its logs until interrupted."""
    from seatrial.local import Local
    from seatrial.podman.client import follow_logs

    local = await Local.rendered(path, err.print)
    follow_logs(local.pod_names[0])
