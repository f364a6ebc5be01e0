"""trial.json: its schema as a file, and its fields as a table."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from seatrial.trial.report import document

PARTS: dict[str, type[BaseModel]] = {
    "the whole": document.Document,
    "`claims[]`": document.ClaimDocument,
    "`scenarios[]`": document.ScenarioDocument,
    "`scenarios[].events[]`": document.EventDocument,
    "`scenarios[].requests[]`": document.RequestDocument,
    "`scenarios[].marks[]`": document.MarkDocument,
}


def schema() -> str:
    """Return docs/trial.schema.json."""
    return json.dumps(document.schema(), indent=2) + "\n"


def table() -> Iterator[str]:
    """Yield the lines of the table in docs/trial.md."""
    yield "| of | field | type | meaning |"
    yield "|---|---|---|---|"
    for part, model in PARTS.items():
        found = model.model_json_schema()
        for name, field in found["properties"].items():
            kind = _type(field, found.get("$defs", {}))
            yield f"| {part} | `{name}` | {kind} | {field['description']} |"


def _type(field: Any, definitions: Any) -> str:
    """Return the type of a field in words; enumerations in full."""
    if "$ref" in field:
        return _type(definitions[field["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in field:
        return " or ".join(_type(each, definitions) for each in field["anyOf"])
    if "enum" in field:
        return ", ".join(f"`{each}`" for each in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    return "time" if field.get("format") == "date-time" else str(field["type"])
