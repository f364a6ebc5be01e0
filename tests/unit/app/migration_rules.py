"""What every migration must hold, told by the SQL that it prints for PostgreSQL; docs/database.md has the reasons."""

import re
from collections.abc import Iterator
from typing import Any

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

from app.migrations.served import only_adds

DATA = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM|MERGE INTO)\s+(?:ONLY\s+)?([\w.\"]+)", re.IGNORECASE)
CREATED = re.compile(r"\s*CREATE\s+(?:\w+\s+)*?TABLE\s+(?:IF NOT EXISTS\s+)?([\w.\"]+)", re.IGNORECASE)
DEFINES = re.compile(r"\s*(?:CREATE|ALTER|DROP|TRUNCATE|REINDEX|CLUSTER|VACUUM)\b", re.IGNORECASE)


def breaches(config: Config) -> list[str]:
    """Return what is wrong with the migrations of a release, each with its revision and what to write instead."""
    scripts = ScriptDirectory.from_config(config)
    return [f"{script.revision}: {breach}" for script in scripts.walk_revisions() for breach in _of(script, scripts)]


def _of(script: Script, scripts: ScriptDirectory) -> Iterator[str]:
    expands = getattr(script.module, "expands", None)
    contracts = getattr(script.module, "contracts", None)
    known = {each.revision for each in scripts.iterate_revisions(script.revision, "base")}
    if (expands is True) == (contracts is not None):
        yield 'write either `expands = True`, or `contracts = "REVISION"` with the oldest one whose release works on it'
    if contracts is not None and contracts not in known:
        yield f"contracts = {contracts!r} is neither this revision nor one before it"
    try:
        statements = _printed(script)
    except Exception as error:  # noqa: BLE001 - a migration may raise anything where there is no database to read
        yield f"it prints no SQL ({error!r}), so that nobody can look at it: let it not read, or in a batch"
        return
    if expands is True:
        for statement in statements:
            if not only_adds(statement):
                words = " ".join(statement.split())
                yield f'it does more than to add, so that it needs `contracts = "REVISION"`: {words}'
    created = {found[1] for statement in statements if (found := CREATED.match(statement))}
    defines = [statement for statement in statements if DEFINES.match(statement)]
    for statement in statements:
        if defines and not DEFINES.match(statement):
            for table in {*DATA.findall(statement)} - created:
                yield (
                    f"it changes the schema and the rows of {table}, so that readers wait for as long as both take: "
                    "change the rows in a migration of their own, by app.migrations.batches"
                )


def _printed(script: Script) -> list[str]:
    """Return the statements of a migration on its way up."""
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "literal_binds": True})
    statements: list[str] = []
    context.impl.static_output = statements.append  # type: ignore[assignment,method-assign]  # the one place that all SQL passes
    upgrade: Any = script.module.upgrade
    with Operations.context(context):
        upgrade()
    return [statement for statement in statements if not statement.lstrip().startswith("--")]
