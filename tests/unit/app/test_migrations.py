"""The migrations: they make what the models say, and each holds the rules."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from app.migrate import migrate
from app.models import Base
from app.settings import Settings
from tests.unit.app.migrating import Release, release
from tests.unit.app.migration_rules import breaches

ADD = "op.add_column('notes', sa.Column('colour', sa.String(20)))"
DROP = "op.drop_column('notes', 'body')"
NOTES = "notes = sa.table('notes', sa.column('id', sa.Integer()), sa.column('colour', sa.String()))"
BATCHES = (
    "from app.migrations.batches import run_in_batches; "
    "run_in_batches(notes.update().where(notes.c.colour.is_(None)).values(colour='none'), key=notes.c.id)"
)


def test_migrations_make_the_models_schema(settings: Settings) -> None:
    """Alembic finds nothing left to generate."""
    migrate(settings)
    engine = create_engine(settings.database_url.get_secret_value().replace("+aiosqlite", ""))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_difference_between_models_and_schema_is_found(settings: Settings) -> None:
    """The comparison above can fail: without migrations everything is missing."""
    engine = create_engine(settings.database_url.get_secret_value().replace("+aiosqlite", ""))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) != []
    engine.dispose()


def test_migrations_hold_the_rules() -> None:
    """Each says which releases its schema serves, truly, and changes the schema or the rows that are there."""
    config = Config()
    config.set_main_option("script_location", "app:migrations")
    assert breaches(config) == []


@pytest.fixture
def made(tmp_path: Path, settings: Settings) -> Release:
    """Return a release with one migration."""
    made = release(tmp_path / "release", settings)
    made.add("0001", "expands = True", "op.create_table('notes', sa.Column('id', sa.Integer(), primary_key=True))")
    return made


@pytest.mark.parametrize(
    ("declared", "up"),
    [
        ("expands = True", ADD),
        ("expands = True", "pass"),
        ("contracts = '0001'", DROP),
        ("contracts = '0002'", DROP),
        (f"expands = True\n{NOTES}", BATCHES),
        (f"expands = True\n{NOTES}", "op.execute(notes.update().values(colour='none'))"),
        ("expands = True", "op.bulk_insert(op.create_table('tags', sa.Column('id', sa.Integer())), [{'id': 1}])"),
        ("contracts = '0001'", "op.alter_column('notes', 'colour', type_=sa.Text())"),
        ("expands = True", "op.get_bind().execute(sa.text('CREATE TABLE tags (id int)'))"),
    ],
)
def test_migration_that_holds_the_rules_passes(made: Release, declared: str, up: str) -> None:
    """It adds, or takes away and says so, or changes rows, in batches or of a table that it has just made."""
    made.add("0002", declared, up)
    assert breaches(made.config) == []


@pytest.mark.parametrize(
    ("declared", "up", "words"),
    [
        ("", ADD, "write either"),
        ("expands = None", ADD, "write either"),
        ("expands = True\ncontracts = '0001'", ADD, "write either"),
        ("contracts = '002'", DROP, "neither this revision nor one before it"),
        ("expands = True", DROP, "more than to add"),
        ("expands = True", "op.get_bind().execute(sa.text('DROP TABLE notes'))", "more than to add"),
        (
            "expands = True",
            "op.add_column('notes', sa.Column('colour', sa.Text(), nullable=False))",
            "more than to add",
        ),
        ("expands = True", f"{ADD}; op.execute('UPDATE notes SET colour = 1')", "the rows of notes"),  # noqa: S608 - no input
        ("expands = True", f"{ADD}; op.execute('WITH a AS (SELECT 1) DELETE FROM notes')", "the rows of notes"),  # noqa: S608 - as above
        (
            "expands = True",
            f"{ADD}; op.bulk_insert(sa.table('notes', sa.column('id', sa.Integer())), [{{'id': 1}}])",
            "of notes",
        ),
        (f"expands = True\n{NOTES}", f"{ADD}; {BATCHES}", "the rows of notes"),
        (f"expands = True\n{NOTES}", f"{ADD}; op.get_bind().execute(notes.delete())", "the rows of notes"),
        ("expands = True", "op.get_bind().execute(sa.text('SELECT 1')).scalar_one()", "prints no SQL"),
    ],
)
def test_migration_that_breaks_a_rule_is_told(made: Release, declared: str, up: str, words: str) -> None:
    """The negative: undeclared, untrue, unknown, both at once, and what cannot be told."""
    made.add("0002", declared, up)
    (breach,) = breaches(made.config)
    assert breach.startswith("0002: ")
    assert words in breach
