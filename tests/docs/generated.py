"""Every document with its generated parts as they should be."""

import re
from collections.abc import Iterable
from pathlib import Path

from seatrial import schemas
from tests.docs import claims, contracts, controls, metrics, settings, trial

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / ".env.example"
OPERATIONS = ROOT / "docs" / "operations.md"
CONTRACTS = ROOT / "docs" / "contracts.md"
CONTROLS = ROOT / "docs" / "controls.md"
TRIAL = ROOT / "docs" / "trial.md"
SCHEMAS = ROOT / "docs"
SHIPPED = ROOT / "harness" / "src" / "seatrial" / "schemas"
CLAIMS = ROOT / "docs" / "claims"


def documents() -> dict[Path, str]:
    """Return each document's text by its path."""
    operations = OPERATIONS.read_text()
    operations = _with_part(operations, "settings", settings.table())
    operations = _with_part(operations, "metrics", metrics.table())
    promises = CONTRACTS.read_text()
    promises = _with_part(promises, "contracts of any deployment", contracts.of_any_deployment())
    promises = _with_part(promises, "contracts of the service", contracts.of_the_service())
    promises = _with_part(promises, "checks that do not fit", contracts.not_covered())
    tried = CONTROLS.read_text()
    tried = _with_part(tried, "controls", controls.table())
    tried = _with_part(tried, "good deployments", controls.good())
    tried = _with_part(tried, "claims that no control breaks", controls.unbroken())
    tried = _with_part(tried, "claims", controls.claims())
    return {
        EXAMPLE: settings.example(),
        OPERATIONS: operations,
        CONTRACTS: promises,
        CONTROLS: tried,
        TRIAL: _with_part(TRIAL.read_text(), "fields", trial.table()),
        SHIPPED / "trial.schema.json": trial.schema(),
        SCHEMAS / "trial.schema.json": trial.schema(),
        **{SCHEMAS / name: schemas.text(name) for name in ("trial-toml.schema.json", "baseline.schema.json")},
        **{CLAIMS / name: text for name, text in claims.pages().items()},
    }


def _with_part(text: str, name: str, lines: Iterable[str]) -> str:
    """Return the text with the lines between the part's two marks."""
    begin, end = f"<!-- {name}: written by `uv run python -m tests.docs` -->", f"<!-- end of {name} -->"
    part = "\n".join([begin, "", *lines, "", end])
    return re.sub(f"{re.escape(begin)}.*{re.escape(end)}", lambda _: part, text, count=1, flags=re.DOTALL)
