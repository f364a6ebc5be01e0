"""The plots of what a user notices.

plot.svg: requests a second, the CPU time of each, and requests that a restart fails; overload.svg: how many of the
requests are answered, and in what time, when there are more than can be.
"""

import json
import re
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
CURVES = (
    ("goodput", "good answers/s, as a share of the capacity"),
    ("p99", "p99 of the good answers, seconds"),
)
CURVE = re.compile(r"(goodput|p99) at ([\d.]+) x capacity, (\([abc]\) (?:bare|tutorial|this service))")
COLOURS = {"(a)": "#9aa5b1", "(b)": "#d9822b", "(c)": "#1f6feb"}


def draw(results: Path = RESULTS) -> list[Path]:
    """Draw what results.json has the numbers of, and return the paths."""
    rows = [row for row in json.loads((results / "results.json").read_text())["rows"] if row["measured"]]
    mpl.rcParams["svg.hashsalt"] = "seatrial"  # the same numbers, the same file
    drawn = {"plot.svg": _costs(rows), "overload.svg": _overload(rows)}
    for name, figure in drawn.items():
        if figure is not None:
            figure.savefig(results / name, metadata={"Date": None})
    return [results / name for name, figure in drawn.items() if figure is not None]


def _costs(rows: Sequence[Any]) -> Figure | None:
    if not any(row["what"].startswith(prefix) for row in rows for prefix, _ in PANELS):
        return None
    figure = Figure(figsize=(10, 3.2), layout="constrained")
    for axes, (prefix, title) in zip(figure.subplots(1, len(PANELS)), PANELS, strict=True):
        _bars(axes, [row for row in rows if row["what"].startswith(prefix)], title)
    return figure


def _overload(rows: Sequence[Any]) -> Figure | None:
    found = [(curve.groups(), row["measured"]["median"]) for row in rows if (curve := CURVE.match(row["what"]))]
    if not found:
        return None
    figure = Figure(figsize=(10, 3.2), layout="constrained")
    multiples = sorted({float(multiple) for (_, multiple, _), _ in found})
    for axes, (kind, title) in zip(figure.subplots(1, len(CURVES)), CURVES, strict=True):
        for name in sorted({whose for (_, _, whose), _ in found}):
            points = sorted((float(at), value) for (what, at, whose), value in found if (what, whose) == (kind, name))
            axes.plot(
                [at for at, _ in points], [value for _, value in points], "o-", color=COLOURS[name[:3]], label=name
            )
        axes.set_xscale("log")
        axes.set_xticks(multiples, [f"{multiple:g}" for multiple in multiples], minor=False)
        axes.set_xticks([], minor=True)
        axes.set_xlabel("requests that come, as a multiple of the capacity", fontsize=9)
        axes.set_title(title, fontsize=10)
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    return figure


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
