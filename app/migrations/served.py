"""Which releases a migrated schema serves, kept beside its revision: an older release has no newer migrations to ask.

A migration says it of itself: `expands = True` leaves every release as it was; `contracts = "0002"` takes away what the
releases before revision 0002 use. One that says neither is taken for what its statements do: where they only add, it
expands, else it serves no release before its own.
"""

import re
from collections.abc import Collection
from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import Script
from sqlalchemy import Connection, Text, column, event, inspect, table, text

from app import schema
from app.errors import SchemaError

VERSION = table("alembic_version", column("version_num"), column("serves", Text))

_ADDS = re.compile(
    r"""
    (SELECT|WITH|INSERT|UPDATE|DELETE|SET|PRAGMA|SHOW|COMMENT|SAVEPOINT|RELEASE|BEGIN|COMMIT)\b
    | CREATE\ (TABLE|INDEX|TYPE|SEQUENCE|VIEW|SCHEMA|EXTENSION)\b
    | ALTER\ TABLE\ \S+\ ADD\ COLUMN\ (?:(?!NOT\ NULL|UNIQUE|CHECK).)*$
    | ALTER\ TABLE\ \S+\ ADD\ COLUMN\ (?=.*\bDEFAULT\b)(?:(?!UNIQUE|CHECK).)*$
    | ALTER\ TABLE\ \S+\ ALTER\ COLUMN\ \S+\ (DROP\ NOT\ NULL|SET\ DEFAULT\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def only_adds(statement: str) -> bool:
    """Tell whether an SQL statement leaves alone what older code uses: a column that it must fill in is no addition."""
    return bool(_ADDS.match(" ".join(statement.split())))


class Served:
    """Alembic's `on_version_apply`: writes, in the migration's own transaction, which revisions the schema serves."""

    def __init__(self, connection: Connection | None) -> None:
        self._statements: list[str] = []
        self._known: list[str] = []
        self._has_column = False
        if connection is not None:
            event.listen(connection, "before_cursor_execute", self._hear)

    def __call__(self, ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Any) -> None:  # noqa: ARG002 - Alembic's signature
        """Follow one step, up or down."""
        adds = not (ctx.as_sql or step.is_stamp) and all(map(only_adds, self._statements))
        if len(heads) == 1 and self._make_column(ctx, step):
            (revision,) = heads
            self._known = _after(self._before(ctx, step), step, revision, adds=adds)
            ctx.execute(VERSION.update().values(serves=" ".join(self._known)))
        self._statements.clear()

    def _hear(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "alembic_version" not in statement:
            self._statements.append(statement)

    def _make_column(self, ctx: MigrationContext, step: MigrationInfo) -> bool:
        """Tell whether the revision's table has the column for it now."""
        if self._has_column:
            return True
        if not ctx.as_sql:
            assert ctx.connection is not None  # noqa: S101 - for the type checker: only SQL is made without one
            missing = all(found["name"] != "serves" for found in inspect(ctx.connection).get_columns("alembic_version"))
            statement = "ALTER TABLE alembic_version ADD COLUMN serves TEXT" if missing else None
        elif ctx.dialect.name == "postgresql":
            statement = "ALTER TABLE alembic_version ADD COLUMN IF NOT EXISTS serves TEXT"
        elif not step.source_revision_ids:
            statement = "ALTER TABLE alembic_version ADD COLUMN serves TEXT"
        else:
            return False  # SQLite cannot be told to add what may be there
        if statement:
            ctx.execute(text(statement))
        self._has_column = True
        return True

    def _before(self, ctx: MigrationContext, step: MigrationInfo) -> list[str]:
        """Return what the schema served before the step, at least itself."""
        source = [*step.source_revision_ids]
        if ctx.as_sql:
            known = self._known
        else:
            assert ctx.connection is not None  # noqa: S101 - as above
            known = str(ctx.connection.scalar(VERSION.select().with_only_columns(VERSION.c.serves)) or "").split()
        return known if known[-1:] == source else source


def _after(before: list[str], step: MigrationInfo, revision: str, *, adds: bool) -> list[str]:
    if not step.is_upgrade:
        return before[: before.index(revision) + 1] if revision in before else [revision]
    scripts = list(step.revision_map.iterate_revisions(revision, step.source_revision_ids or "base"))
    for script in reversed(scripts):
        assert isinstance(script, Script)  # noqa: S101 - for the type checker: what is read from a file is one
        before = [*_kept(before, script, adds=adds), script.revision]
    return before


def _kept(served: list[str], script: Script, *, adds: bool) -> list[str]:
    """Return which of the revisions that were served still are after a migration."""
    contracts = getattr(script.module, "contracts", None)
    if contracts is None:
        expands = getattr(script.module, "expands", None)
        return served if (adds if expands is None else expands) else []
    if contracts not in schema.revisions():
        raise SchemaError(f"revision {script.revision}: contracts = {contracts!r} is no revision of this release")
    if contracts == script.revision:
        return []
    # Where it is not among them, an earlier one has taken away more.
    return served[served.index(contracts) :] if contracts in served else served
