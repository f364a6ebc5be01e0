"""`seatrial down`."""

from pathlib import Path

import click

from seatrial.cli.verb import Deed
from seatrial.terminal.console import err


@click.command(cls=Deed)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--volumes", is_flag=True, help="Remove the data, too.")
async def down(path: Path, *, volumes: bool) -> None:
    """Stop it gracefully and remove it; its data stays."""
    from seatrial.local import Local

    local = await Local.rendered(path, err.print)
    existed = await local.down(volumes=volumes)
    data = "the data is removed" if volumes else "the data is kept (--volumes removes it)"
    err.print(f"{'stopped' if existed else 'nothing was running'}; {data}")
