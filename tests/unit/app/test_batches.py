"""A backfill in batches: all rows once, each batch for itself, and a run that is cut off goes on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import structlog
from alembic import command

from app import schema
from app.errors import UnavailableError
from app.settings import Settings
from tests.unit.app.migrating import Release, release

TABLE = (
    "notes = op.create_table('notes', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('colour', sa.Text()));"
    " op.bulk_insert(notes, [{'id': number} for number in (1, 2, 3, 50, 51, 70, 1000)])"
)
DECLARED = """
expands = True
from app.migrations.batches import run_in_batches
notes = sa.table("notes", sa.column("id", sa.Integer()), sa.column("colour", sa.Text()))
todo = notes.update().where(notes.c.colour.is_(None)).values(colour={value})
"""
RUN = "run_in_batches(todo, key=notes.c.id, rows=3)"


@pytest.fixture
def made(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Release]:
    """Yield a release whose first migration makes seven rows."""
    made = release(tmp_path / "release", settings.model_copy(update={"migration_wait_seconds": 0.1}))
    made.add("0001", up=TABLE)
    command.upgrade(made.config, "head")
    monkeypatch.setattr(schema, "VERSIONS", made.directory / "versions")
    schema.revisions.cache_clear()
    yield made
    schema.revisions.cache_clear()


def colours(made: Release) -> list[object]:
    """Return the colours by key."""
    return [row[0] for row in made.ask("SELECT colour FROM notes ORDER BY id")]


def test_every_row_is_changed_once_in_batches(made: Release) -> None:
    """Of seven rows three at a time, and the revision is recorded after the last."""
    made.add("0002", DECLARED.format(value="'none'"), RUN)
    with structlog.testing.capture_logs() as lines:
        command.upgrade(made.config, "head")
    assert colours(made) == ["none"] * 7
    told = [(line["up_to"], line["changed"]) for line in lines if line["event"] == "batch done"]
    assert told == [(3, 3), (70, 6), (1000, 7)]
    assert made.serves == [("0002", "0001 0002")]


def test_batches_that_were_done_stay_when_a_later_one_fails(made: Release) -> None:
    """The revision is not recorded; the next run does the rest, and what was done is not done again."""
    made.ask("CREATE TRIGGER full BEFORE UPDATE ON notes WHEN NEW.id > 60 BEGIN SELECT RAISE(FAIL, 'full'); END")
    made.add("0002", DECLARED.format(value="'first run'"), RUN)
    with pytest.raises(Exception, match="full"):
        command.upgrade(made.config, "head")
    assert colours(made)[:3] == ["first run"] * 3
    assert colours(made)[-1] is None
    assert made.serves == [("0001", "0001")]
    made.ask("DROP TRIGGER full")
    (made.directory / "versions" / "0002.py").unlink()
    made.add("0002", DECLARED.format(value="'second run'"), RUN)
    command.upgrade(made.config, "head")
    assert colours(made)[:3] == ["first run"] * 3
    assert colours(made)[-1] == "second run"
    assert made.serves == [("0002", "0001 0002")]


@contextmanager
def meanwhile(made: Release, statement: str) -> Iterator[list[object]]:
    """Have somebody else run a statement after each batch; yield how many rows are left whenever they do."""
    path = made.settings.database_url.get_secret_value().partition("///")[2]
    left: list[object] = []

    def write(_logger: object, _method: str, line: structlog.types.EventDict) -> structlog.types.EventDict:
        if line["event"] == "batch done":
            with closing(sqlite3.connect(path, timeout=0)) as other, other:
                left.append(other.execute("SELECT count(*) FROM notes WHERE colour IS NULL").fetchone()[0])
                other.execute(statement)
        return line

    structlog.configure(processors=[write, structlog.testing.LogCapture()])
    try:
        yield left
    finally:
        structlog.reset_defaults()


def test_others_write_between_batches(made: Release) -> None:
    """Each batch is committed before the next one begins, and nobody is kept out meanwhile."""
    made.add("0002", DECLARED.format(value="'none'"), RUN)
    with meanwhile(made, "UPDATE notes SET colour = 'theirs' WHERE id = 1") as left:
        command.upgrade(made.config, "head")
    assert left == [4, 1, 0]
    assert colours(made) == ["theirs", *["none"] * 6]


def test_another_migration_that_was_faster_is_noticed(made: Release) -> None:
    """On SQLite nothing keeps it out between batches: the slower one says so, and records nothing."""
    made.add("0002", DECLARED.format(value="'none'"), RUN)
    faster = "UPDATE alembic_version SET version_num = '0002', serves = 'as they say 0002'"
    with meanwhile(made, faster), pytest.raises(UnavailableError, match="another migration has done meanwhile"):
        command.upgrade(made.config, "head")
    assert made.serves == [("0002", "as they say 0002")]
