"""The plot of what a user notices: requests a second, the CPU time of each, and requests that a restart fails."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.report import RESULTS

PANELS = (
    ("requests/s, ", "requests a second, one worker"),
    ("CPU a request, ", "CPU a request, microseconds"),
    ("failed requests over ", "failed requests in rolling restarts"),
)
COLOURS = {"(a)": "#9aa5b1", "(b)": "#d9822b", "(c)": "#1f6feb"}


def draw(results: Path = RESULTS) -> Path:
    """Draw plot.svg from results.json, and return its path."""
    rows = json.loads((results / "results.json").read_text())["rows"]
    mpl.rcParams["svg.hashsalt"] = "seatrial"  # the same numbers, the same file
    figure = Figure(figsize=(10, 3.2), layout="constrained")
    for axes, (prefix, title) in zip(figure.subplots(1, len(PANELS)), PANELS, strict=True):
        _bars(axes, [row for row in rows if row["what"].startswith(prefix) and row["measured"]], title)
    path = results / "plot.svg"
    figure.savefig(path, metadata={"Date": None})
    return path


def _bars(axes: Axes, rows: Sequence[Any], title: str) -> None:
    named = [(row["what"][row["what"].index("(") :], row["measured"]) for row in rows]
    # The rows that compare two of them end with a contender, too; those of one alone have its whole name.
    named = [(name, measured) for name, measured in named if " to " not in name and " over " not in name]
    for name, measured in sorted(named, key=lambda each: each[0]):
        median, low, high = measured["median"], measured["low"], measured["high"]
        bars = axes.bar(name[:3], median, yerr=[[median - low], [high - median]], color=COLOURS[name[:3]], capsize=4)
        axes.bar_label(bars, fmt="%.0f", padding=2)
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.15)
