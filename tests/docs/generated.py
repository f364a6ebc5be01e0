"""Every document with its generated parts as they should be."""

import re
from collections.abc import Iterable
from pathlib import Path

from tests.docs import metrics, settings, trial

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / ".env.example"
OPERATIONS = ROOT / "docs" / "operations.md"
TRIAL = ROOT / "docs" / "trial.md"
TRIAL_SCHEMA = ROOT / "docs" / "trial.schema.json"


def documents() -> dict[Path, str]:
    """Return each document's text by its path."""
    text = OPERATIONS.read_text()
    text = _with_part(text, "settings", settings.table())
    text = _with_part(text, "metrics", metrics.table())
    return {
        EXAMPLE: settings.example(),
        OPERATIONS: text,
        TRIAL: _with_part(TRIAL.read_text(), "fields", trial.table()),
        TRIAL_SCHEMA: trial.schema(),
    }


def _with_part(text: str, name: str, lines: Iterable[str]) -> str:
    """Return the text with the lines between the part's two marks."""
    begin, end = f"<!-- {name}: written by `uv run python -m tests.docs` -->", f"<!-- end of {name} -->"
    part = "\n".join([begin, "", *lines, "", end])
    return re.sub(f"{re.escape(begin)}.*{re.escape(end)}", lambda _: part, text, count=1, flags=re.DOTALL)
