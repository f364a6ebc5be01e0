"""`seatrial status`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli.verb import BROKEN, Deed
from seatrial.terminal.console import err, out

if TYPE_CHECKING:
    from seatrial.local import ContainerStatus


@click.command(cls=Deed)
@click.argument("path", type=click.Path(path_type=Path))
async def status(path: Path) -> int:
    """Print the state of each container; fail unless all are ready."""
    from seatrial.local import Local

    states = await (await Local.rendered(path, err.print)).status()
    show(states)
    return 0 if all(state.ready == "yes" for state in states) else BROKEN


def show(states: Sequence[ContainerStatus]) -> None:
    """Print a line for each container."""
    from rich.table import Table

    table = Table("pod", "container", "image", "state", "ready", "url", box=None, pad_edge=False)
    for state in states:
        table.add_row(state.pod, state.container, state.image, state.state, state.ready, " ".join(state.urls))
    out.print(table)
