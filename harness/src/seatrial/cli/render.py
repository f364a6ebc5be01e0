"""`seatrial render`."""

import click

from seatrial.cli.verb import Deed
from seatrial.terminal.console import out


@click.command(cls=Deed)
@click.argument("path", default="podman", type=click.Path())
async def render(path: str) -> None:
    """Print its manifests."""
    from seatrial.local import overlay_path
    from seatrial.manifests.kustomize import render_text

    out.out(await render_text(overlay_path(path)), end="", highlight=False)
