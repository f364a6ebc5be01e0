"""`seatrial down`."""

import click

from seatrial.cli.verb import Deed
from seatrial.terminal.console import err


@click.command(cls=Deed)
@click.argument("path", default="podman", type=click.Path())
@click.option("--volumes", is_flag=True, help="Remove the data, too.")
async def down(path: str, *, volumes: bool) -> None:
    """Stop it gracefully and remove it; its data stays."""
    from seatrial.local import Local, overlay_path

    local = await Local.rendered(overlay_path(path), err.print)
    existed = await local.down(volumes=volumes)
    data = "the data is removed" if volumes else "the data is kept (--volumes removes it)"
    err.print(f"{'stopped' if existed else 'nothing was running'}; {data}")
