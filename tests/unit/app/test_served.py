"""Which releases a migrated schema serves: what a migration declares, what its statements do, and what is recorded."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from pydantic import SecretStr

from app import schema
from app.errors import SchemaError
from app.migrations.served import only_adds
from app.settings import Settings
from tests.unit.app.migrating import Release, release

ADD = "op.add_column('notes', sa.Column('colour', sa.String(20)))"
DROP = "op.drop_column('notes', 'body')"
TABLE = "op.create_table('notes', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('body', sa.Text()))"


@pytest.fixture
def made(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Release]:
    """Yield a release with one migration."""
    made = release(tmp_path / "release", settings)
    made.add("0001", up=TABLE)
    monkeypatch.setattr(schema, "VERSIONS", made.directory / "versions")
    schema.revisions.cache_clear()
    yield made
    schema.revisions.cache_clear()


@pytest.mark.parametrize(
    ("declared", "up", "serves"),
    [
        ("expands = True", "pass", "0001 0002 0003"),
        ("contracts = '0001'", DROP, "0001 0002 0003"),
        ("contracts = '0002'", DROP, "0002 0003"),
        ("contracts = '0003'", DROP, "0003"),
        ("", ADD, "0001 0002 0003"),
        ("", "pass", "0001 0002 0003"),
        ("", DROP, "0003"),
        ("expands = None", DROP, "0003"),
        ("expands = None", ADD, "0001 0002 0003"),
        ("expands = False", ADD, "0003"),
    ],
)
def test_what_a_migration_declares_or_does_is_recorded(made: Release, declared: str, up: str, serves: str) -> None:
    """An expansion serves whom the schema before did, a contraction whom it names; undeclared, its statements tell."""
    made.add("0002", "expands = True")
    made.add("0003", declared, up)
    command.upgrade(made.config, "head")
    assert made.serves == [("0003", serves)]


def test_what_one_migration_took_away_a_later_one_does_not_bring_back(made: Release) -> None:
    """Not by expanding, nor by naming an older revision."""
    made.add("0002", "contracts = '0002'")
    made.add("0003", "contracts = '0001'")
    made.add("0004", "expands = True")
    command.upgrade(made.config, "head")
    assert made.serves == [("0004", "0002 0003 0004")]


def test_each_command_records_what_the_schema_then_serves(made: Release) -> None:
    """One revision up, to the newest, down, down to nothing."""
    made.add("0002", "expands = True")
    made.add("0003", "expands = True")
    command.upgrade(made.config, "0002")
    assert made.serves == [("0002", "0001 0002")]
    command.upgrade(made.config, "head")
    assert made.serves == [("0003", "0001 0002 0003")]
    command.downgrade(made.config, "0001")
    assert made.serves == [("0001", "0001")]
    command.downgrade(made.config, "base")
    assert made.serves == []


@pytest.mark.parametrize(("declared", "serves"), [("expands = True", "0001 0002 0003"), ("", "0003")])
def test_stamp_records_what_is_declared(made: Release, declared: str, serves: str) -> None:
    """Of every migration on the way: it runs none of them, so that no statement tells."""
    command.upgrade(made.config, "head")
    made.add("0002", "expands = True")
    made.add("0003", declared)
    command.stamp(made.config, "head")
    assert made.serves == [("0003", serves)]


def test_database_that_an_older_release_migrated_gets_its_record_with_the_next_migration(made: Release) -> None:
    """Whom it served before nobody wrote down: the release that migrated it last, at least."""
    made.add("0002", "expands = True")
    command.upgrade(made.config, "head")
    made.ask("ALTER TABLE alembic_version DROP COLUMN serves")
    made.add("0003", "expands = True")
    command.upgrade(made.config, "head")
    assert made.serves == [("0003", "0002 0003")]


def test_contraction_that_names_no_revision_is_refused(made: Release) -> None:
    """And leaves the schema as it was."""
    command.upgrade(made.config, "head")
    made.add("0002", "contracts = '002'", ADD)
    schema.revisions.cache_clear()
    with pytest.raises(SchemaError, match="revision 0002: contracts = '002' is no revision of this release"):
        command.upgrade(made.config, "head")
    assert made.serves == [("0001", "0001")]
    assert "colour" not in str(made.ask("SELECT sql FROM sqlite_master"))


@pytest.mark.parametrize("url", ["postgresql+asyncpg://x@127.0.0.1:1/x", "sqlite+aiosqlite:///nowhere/x.db"])
def test_printed_sql_records_it_as_well_and_asks_no_database(made: Release, url: str) -> None:
    """`alembic upgrade --sql`, for who runs it by hand: neither database is there."""
    made.add("0002", "expands = True")
    config = made.config
    config.attributes["settings"] = made.settings.model_copy(update={"database_url": SecretStr(url)})
    config.output_buffer = StringIO()
    command.upgrade(config, "head", sql=True)
    printed = config.output_buffer.getvalue()
    assert printed.count("ADD COLUMN") == 1
    assert "SET serves='0001 0002'" in printed


@pytest.mark.parametrize(
    "statement",
    [
        "\nCREATE TABLE tags (\n id INTEGER NOT NULL, UNIQUE (id))\n",
        "CREATE INDEX ix_notes_title ON notes (title)",
        "ALTER TABLE notes ADD COLUMN colour VARCHAR(20)",
        "ALTER TABLE notes ADD COLUMN archived BOOLEAN DEFAULT false NOT NULL",
        "ALTER TABLE notes ALTER COLUMN body DROP NOT NULL",
        "ALTER TABLE notes ALTER COLUMN body SET DEFAULT ''",
        "UPDATE notes SET colour = 'none'",
        "select 1",
    ],
)
def test_addition_is_known(statement: str) -> None:
    """Code that does not know it works as before."""
    assert only_adds(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE notes ADD COLUMN colour VARCHAR(20) NOT NULL",
        "ALTER TABLE notes ADD COLUMN colour VARCHAR(20) DEFAULT 'x' UNIQUE",
        "ALTER TABLE notes ADD CONSTRAINT ck CHECK (version > 0)",
        "CREATE UNIQUE INDEX uq ON notes (body)",
        "ALTER TABLE notes DROP COLUMN body",
        "ALTER TABLE notes RENAME COLUMN body TO text",
        "ALTER TABLE notes ALTER COLUMN title TYPE VARCHAR(100)",
        "ALTER TABLE notes ALTER COLUMN colour SET NOT NULL",
        "DROP TABLE notes",
        "TRUNCATE notes",
        "DO $$ BEGIN END $$",
    ],
)
def test_what_is_no_addition_is_known(statement: str) -> None:
    """The negative: it takes away, restricts, or cannot be told."""
    assert not only_adds(statement)
