"""The settings, as `.env.example` and as a table."""

import textwrap
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from app.settings import Settings, variable

WIDTH = 120


def example() -> str:
    """Return `.env.example`."""
    lines = ["# Every setting and its default, written by `uv run python -m tests.docs`; copy to .env for development."]
    for name, field in Settings.model_fields.items():
        lines += ["", *textwrap.wrap(str(field.description), WIDTH, initial_indent="# ", subsequent_indent="# ")]
        lines.append(line(variable(name), field))
    return "\n".join(lines) + "\n"


def line(name: str, field: FieldInfo) -> str:
    """Return the line of `.env.example` for a variable, commented out where the setting may be left unset.

    Raises ValueError for a setting without a default that has no example either.
    """
    unset = field.default is None
    if not unset and not field.is_required():
        return f"{name}={_written(field.default)}"
    if not field.examples:
        raise ValueError(f"the setting of {name} has no default to show: give its Field examples=[...]")
    return f"{'# ' if unset else ''}{name}={_written(field.examples[0])}"


def table() -> Iterator[str]:
    """Yield the lines of the table in docs/operations.md."""
    yield "| variable | default | allowed | meaning |"
    yield "|---|---|---|---|"
    for name, field in Settings.model_fields.items():
        default = "required" if field.is_required() else _written(field.default) or "none"
        yield f"| `{variable(name)}` | {default} | {_allowed(field)} | {field.description} |"


def _written(value: Any) -> str:
    """Return a default as one writes it into a variable."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _allowed(field: Any) -> str:
    """Return the limits of a field's values in words."""
    if get_origin(field.annotation) is Literal:
        return ", ".join(get_args(field.annotation))
    if field.annotation is bool:
        return "true, false"
    signs = {"ge": "≥", "gt": ">", "le": "≤"}
    found = (
        f"{sign} {getattr(limit, key):g}"
        for limit in field.metadata
        for key, sign in signs.items()
        if getattr(limit, key, None) is not None
    )
    return ", ".join(found)
