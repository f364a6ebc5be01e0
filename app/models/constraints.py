"""Which constraint a write has broken: only the one that a client can do something about is the client's conflict."""

from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import QueryableAttribute


def breaks_unique(error: IntegrityError, attribute: QueryableAttribute[Any]) -> bool:
    """Tell whether a write was refused by the unique constraint of this one column, and by no other constraint."""
    (column,) = attribute.property.columns
    cause = error.driver_exception
    if hasattr(cause, "sqlite_errorname"):  # SQLite names the columns, not the constraint
        return str(cause) == f"UNIQUE constraint failed: {column.table.name}.{column.name}"
    names = {
        constraint.name
        for constraint in column.table.constraints
        if isinstance(constraint, UniqueConstraint) and list(constraint.columns) == [column]
    }
    return getattr(cause, "constraint_name", None) in names
