"""Tracebacks without users' data: drivers and validators quote in their messages what they were given.

PostgreSQL's DETAIL has the row that violates a constraint, its data exceptions have the value, pydantic has the input.
Of their errors a traceback has what names the fault and not the data. Messages of other errors are what their authors
made of them.
"""

import traceback
from collections.abc import Iterator
from typing import Any

HIDDEN = "whose message may have users' data"
MAX_STATEMENT = 500  # characters: a statement for a hundred ids has a hundred placeholders

_CAUSED = "\nThe above exception was the direct cause of the following exception:\n\n"
_DURING = "\nDuring handling of the above exception, another exception occurred:\n\n"
# Data exceptions and what a function raises: https://www.postgresql.org/docs/17/errcodes-appendix.html
_QUOTING_STATES = ("22", "P0")
_DRIVERS = ("aiosqlite", "asyncpg", "sqlalchemy", "sqlite3")


def render(error: BaseException) -> str:
    """Return an error's traceback, those of its causes first, without a newline at its end."""
    return "".join(_chain(error)).rstrip("\n")


def describe(error: Any) -> str:
    """Return an error's message without users' data."""
    if _is_statements(error):
        words = _of_driver(error.orig) if error.orig else _first_line(error)
        return f"{words}\n[SQL: {str(error.statement)[:MAX_STATEMENT]}]" if error.statement else words
    if state := getattr(error, "sqlstate", None):
        if state.startswith(_QUOTING_STATES):
            return f"SQLSTATE {state}, {HIDDEN}"
        return f"{_first_line(error)} (SQLSTATE {state})"
    if callable(found := getattr(error, "errors", None)):  # pydantic's and FastAPI's
        kinds = sorted({str(fault.get("type")) for fault in found() if isinstance(fault, dict)})
        what = getattr(error, "title", None) or getattr(error, "endpoint_path", None) or "a request"
        return f"{what} does not validate: {', '.join(kinds)}"
    return _first_line(error) if _is_drivers(error) else str(error)


def _is_statements(error: Any) -> bool:
    """Return whether it is SQLAlchemy's, for a statement that has failed."""
    return hasattr(error, "statement") and hasattr(error, "orig")


def _is_drivers(error: Any) -> bool:
    return type(error).__module__.partition(".")[0] in _DRIVERS


def _of_driver(error: BaseException) -> str:
    """Return what has become of a statement; what is no driver's own is of a value that does not fit its type."""
    return f"({type(error).__name__}) {describe(error) if _is_drivers(error) else HIDDEN}"


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0]


def _chain(error: BaseException) -> Iterator[str]:
    seen: set[int] = set()
    links: list[tuple[BaseException, str, bool]] = []
    link: BaseException | None = error
    joint = ""
    in_statement = False
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        links.append((link, joint, in_statement and not _is_drivers(link)))
        in_statement = in_statement or _is_statements(link) or _is_drivers(link)
        joint = _CAUSED if link.__cause__ else _DURING
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    for each, below, hides in reversed(links):
        yield from _one(each, hides=hides)
        yield below


def _one(error: BaseException, *, hides: bool) -> Iterator[str]:
    if error.__traceback__:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__)
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    words = HIDDEN if hides else _safely(error)
    yield f"{name}: {words}\n" if words else f"{name}\n"
    if isinstance(error, BaseExceptionGroup):
        for number, inner in enumerate(error.exceptions, 1):
            yield f"-- {number} of {len(error.exceptions)} --\n"
            yield from _chain(inner)


def _safely(error: Any) -> str:
    try:
        return describe(error)
    except Exception:  # noqa: BLE001 - a message that cannot be made must not cost the traceback
        return "<its message could not be made>"
