"""`seatrial render`."""

from pathlib import Path

import click

from seatrial.cli.verb import Deed
from seatrial.terminal.console import out


@click.command(cls=Deed)
@click.argument("path", type=click.Path(path_type=Path))
async def render(path: Path) -> None:
    """Print its manifests."""
    from seatrial.manifests.kustomize import render_text

    out.out(await render_text(path), end="", highlight=False)
