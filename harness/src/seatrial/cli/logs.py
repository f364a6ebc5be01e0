"""`seatrial logs`."""

import click

from seatrial.cli.verb import Deed
from seatrial.terminal.console import err


@click.command(cls=Deed)
@click.argument("path", default="podman", type=click.Path())
async def logs(path: str) -> None:
    """Follow its logs until interrupted."""
    from seatrial.local import Local, overlay_path
    from seatrial.podman.client import follow_logs

    local = await Local.rendered(overlay_path(path), err.print)
    follow_logs(local.pod_names[0])
