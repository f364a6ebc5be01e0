"""The schema's revision: which one this release's code needs, which one the database has, and whether the two fit.

The revision that the code needs is read from the migrations' text: to serve takes no Alembic.
"""

import ast
import asyncio
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import SchemaError

VERSIONS = Path(__file__).parent / "migrations" / "versions"
MIGRATE = "run `python -m app migrate`"
UNDEFINED_TABLE = "42P01"

_log = structlog.get_logger()


async def check(connection: AsyncConnection) -> None:
    """Raise SchemaError unless the database's schema serves this release; say so in the log where it is ahead."""
    await asyncio.to_thread(head)  # reads files, once in the life of a process
    await connection.run_sync(check_revision)


def check_revision(connection: Connection) -> None:
    """Do what `check` does, where nothing else waits."""
    needed = head()
    applied = _applied(connection)
    if applied == [needed]:
        return
    if not applied:
        raise SchemaError(f"the database has no schema, this release needs revision {needed}: {MIGRATE}")
    if len(applied) > 1:
        raise SchemaError(
            f"the schema is at the revisions {', '.join(applied)} at once, this release needs {needed} alone: "
            "bring them together with `alembic merge` and `alembic upgrade`"
        )
    (revision,) = applied
    if revision in revisions():
        raise SchemaError(f"the schema is at revision {revision}, this release needs {needed}: {MIGRATE}")
    served = recorded(connection, revision)
    if needed not in served:
        raise SchemaError(
            f"the schema is at revision {revision}, which this release does not have, and serves the releases of "
            f"{', '.join(served) or 'nobody knows which revisions'}, not of {needed}: deploy a release that it serves"
        )
    _log.info("schema is ahead", revision=revision, needed=needed, serves=served)


def recorded(connection: Connection, revision: str) -> list[str]:
    """Return the revisions whose releases the schema serves, as whoever migrated it to `revision` left them.

    Empty where nobody did: the column is younger than the table, and Alembic alone moves the revision without it.
    """
    row = connection.execute(text("SELECT * FROM alembic_version")).mappings().one()
    served = str(row.get("serves") or "").split()
    return served if served[-1:] == [revision] else []


@cache
def head() -> str:
    """Return the newest revision among this release's migrations."""
    found = revisions()
    heads = sorted(found.keys() - {parent for parents in found.values() for parent in parents})
    if len(heads) != 1:
        raise SchemaError(
            f"the migrations have {len(heads)} newest revisions ({', '.join(heads)}), where 1 is allowed: "
            "let one of them revise the other, by its down_revision"
        )
    return heads[0]


@cache
def revisions() -> dict[str, tuple[str, ...]]:
    """Return this release's revisions, and which ones each of them revises."""
    found = {}
    for path in sorted(VERSIONS.glob("*.py")):
        assigned = dict(_assigned(ast.parse(path.read_text(encoding="utf-8"))))
        if "revision" in assigned:
            try:
                revision, parents = (ast.literal_eval(assigned[name]) for name in ("revision", "down_revision"))
            except (KeyError, ValueError) as error:
                raise SchemaError(f"{path.name}: write revision and down_revision as plain strings") from error
            found[revision] = (parents,) if isinstance(parents, str) else tuple(parents or ())
    return found


def _assigned(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for statement in module.body:
        if isinstance(statement, ast.AnnAssign) and statement.value:
            yield ast.unparse(statement.target), statement.value
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
                    yield from zip(map(ast.unparse, target.elts), statement.value.elts, strict=False)
                else:
                    yield ast.unparse(target), statement.value


def _applied(connection: Connection) -> list[str]:
    try:
        return [str(found) for found in connection.scalars(text("SELECT version_num FROM alembic_version"))]
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == UNDEFINED_TABLE or "no such table" in str(error.orig):
            return []
        raise
