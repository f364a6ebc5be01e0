"""The result as a file: a table to read, and JSON with every sample."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.rows import Goal, Row

RESULTS = Path(__file__).parent / "results"


def write(
    rows: Sequence[Row], machine: Mapping[str, str], directory: Path = RESULTS, *, command: str = "make bench"
) -> None:
    """Write results.json and results.md, which say by which command they were made."""
    found = {"machine": dict(machine), "rows": [{**asdict(row), "verdict": row.verdict} for row in rows]}
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "results.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    (directory / "results.md").write_text(markdown(rows, machine, command))


def markdown(rows: Sequence[Row], machine: Mapping[str, str], command: str = "make bench") -> str:
    """Return the table and the machine's description."""
    lines = [f"# Results of `{command}`", "", "Median (least to most) of the rounds.", ""]
    lines += ["| what | goal | measured | | note |", "|---|--:|--:|---|---|"]
    lines += [f"| {row.what} | {_goal(row)} | {_measured(row)} | {row.verdict} | {row.note} |" for row in rows]
    lines += ["", "| measured on | |", "|---|---|"]
    lines += [f"| {name} | {text} |" for name, text in machine.items()]
    return "\n".join(lines) + "\n"


def line(row: Row) -> str:
    """Return a row for a terminal."""
    goal = f"goal {_goal(row)}, " if row.goal else ""
    return f"{row.what}: {_measured(row) or row.note} {f'({goal}{row.verdict})' if row.verdict else ''}".rstrip()


def _goal(row: Row) -> str:
    return f"{row.goal.sign} {_number(row.goal.limit)} {row.unit}".rstrip() if isinstance(row.goal, Goal) else ""


def _measured(row: Row) -> str:
    measured = row.measured
    if measured is None:
        return ""
    median = f"{_number(measured.median)} {row.unit}".rstrip()
    if len(measured.samples) == 1:
        return median
    return f"{median} ({_number(measured.low)} to {_number(measured.high)})"


def _number(value: float) -> str:
    """Return three significant digits, and never an exponent."""
    digits = 3 - len(f"{abs(value):.0f}") if abs(value) >= 1 else 3
    return f"{value:.{max(digits, 0)}f}".rstrip("0").rstrip(".") if digits > 0 else f"{value:.0f}"
