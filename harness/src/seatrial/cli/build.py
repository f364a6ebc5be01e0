"""`seatrial build`, which goes when building an image is no longer the tool's."""

import click

from seatrial.cli.verb import Deed
from seatrial.terminal.console import err


@click.command(cls=Deed, hidden=True)
async def build() -> None:
    """Build the image and say on what."""
    await make()


async def make() -> None:
    """Build the image."""
    from seatrial.podman import images

    with err.status("looking for base images"):
        for base in (bases := await images.base_images(tell=err.print)):
            err.print(str(base))
    with err.status("building the image"):
        await images.build(bases)
