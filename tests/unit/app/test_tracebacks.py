"""Tracebacks without users' data: what PostgreSQL's errors tell, and what they quote."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from app import tracebacks

MARKER = "hunter2"


def of_postgresql(kind: type[asyncpg.PostgresError], message: str, **fields: str) -> asyncpg.PostgresError:
    """Return an error as asyncpg raises it."""
    return kind.new({"C": kind.sqlstate, "M": message, **fields})


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            of_postgresql(
                asyncpg.UniqueViolationError,
                'duplicate key value violates unique constraint "uq_title"',
                D=f"Key (title)=({MARKER}) already exists.",
            ),
            'duplicate key value violates unique constraint "uq_title" (SQLSTATE 23505)',
        ),
        (
            of_postgresql(asyncpg.InvalidTextRepresentationError, f'invalid input syntax for type uuid: "{MARKER}"'),
            "SQLSTATE 22P02, whose message may have users' data",
        ),
        (
            asyncpg.DataError(f"invalid input for query argument $1: {MARKER!r} (expected int)"),
            "SQLSTATE 22000, whose message may have users' data",
        ),
        (of_postgresql(asyncpg.RaiseError, f"no {MARKER}"), "SQLSTATE P0001, whose message may have users' data"),
        (
            of_postgresql(asyncpg.UndefinedTableError, 'relation "missing" does not exist'),
            'relation "missing" does not exist (SQLSTATE 42P01)',
        ),
    ],
)
def test_errors_of_postgresql_name_the_fault_alone(error: asyncpg.PostgresError, told: str) -> None:
    """What the server says in its first line, unless that quotes; as they are, and as SQLAlchemy wraps them."""
    assert tracebacks.describe(error) == told
    wrapped = DBAPIError("INSERT INTO notes VALUES ($1)", {"title": MARKER}, error, hide_parameters=True)
    wrapped.__cause__ = error
    error.__cause__ = ValueError(f"invalid: {MARKER}")
    rendered = tracebacks.render(wrapped)
    assert told in rendered
    assert "[SQL: INSERT INTO notes VALUES ($1)]" in rendered
    assert MARKER not in rendered


def test_errors_that_refer_to_each_other_end() -> None:
    """A chain with a loop is rendered once."""
    first, second = ValueError("first"), ValueError("second")
    first.__context__, second.__context__ = second, first
    assert tracebacks.render(first).count("ValueError") == 2
