"""How far a trial is: a display that lives on a terminal, and a plain line every few seconds where nobody looks."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from rich.console import Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from seatrial.terminal.console import err
from seatrial.text import visible
from seatrial.trial.progress import Progress

LINE_SECONDS = 5.0
BEFORE = "reads the manifests, finds the images, and measures the machine"


@asynccontextmanager
async def shown() -> AsyncIterator[Callable[[Progress], None]]:
    """Show, for as long as the context lasts, what the yielded function was told last."""
    told: list[Progress] = []
    if err.is_terminal:
        spinner = Spinner("dots" if err.encoding.startswith("utf") else "line")
        with Live(get_renderable=lambda: _display(told, spinner), console=err, refresh_per_second=8, transient=True):
            yield told.append
        return
    lines = asyncio.create_task(_lines(told))
    try:
        yield told.append
    finally:
        lines.cancel()
        with suppress(asyncio.CancelledError):
            await lines


async def _lines(told: list[Progress]) -> None:
    while True:
        err.print(visible(str(told[-1])) if told else BEFORE, markup=False)
        await asyncio.sleep(LINE_SECONDS)


def _display(told: list[Progress], spinner: Spinner) -> RenderableType:
    if not told:
        return _beside(spinner, Text(BEFORE))
    progress, now = told[-1], time.monotonic()
    rows = Table.grid(padding=(0, 2))
    for running in progress.running:
        rows.add_row(f"  {running.name}", Text(visible(running.phase)), _left(running.until - now))
    for name in progress.waiting:
        rows.add_row(Text(f"  {name}", "dim"), Text("waits for its turn", "dim"), "")
    headline = f"{progress.done} of {progress.total} scenarios, up to {_left(progress.until - now)} left"
    return Group(_beside(spinner, Text(headline)), rows)


def _beside(spinner: Spinner, text: Text) -> RenderableType:
    spinner.text = text
    return spinner


def _left(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 1.0 else "soon"
