"""A migration on SQLite: in one transaction, alone, and with every reference whole in the end."""

import sqlite3
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import pytest
from alembic import command
from alembic.util import CommandError

from app.errors import UnavailableError
from app.migrations import turns
from app.settings import BadSettingsError, Settings
from tests.unit.app.migrating import Release, release

TABLES = (
    "op.create_table('notes', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('body', sa.Text()));"
    " op.create_table('tags', sa.Column('note', sa.Integer(), sa.ForeignKey('notes.id', ondelete='CASCADE')));"
    " op.execute(\"INSERT INTO notes VALUES (1, 'a')\"); op.execute('INSERT INTO tags VALUES (1)')"
)
COPY = "batch = op.batch_alter_table('notes', recreate='always'); notes = batch.__enter__(); "
COPY += "notes.alter_column('body', nullable=False, existing_type=sa.Text()); batch.__exit__(None, None, None)"


@pytest.fixture
def made(tmp_path: Path, settings: Settings) -> Release:
    """Return a release whose first migration has made a note and its tag."""
    made = release(tmp_path / "release", settings.model_copy(update={"migration_wait_seconds": 0.1}))
    made.add("0001", "expands = True", TABLES)
    command.upgrade(made.config, "head")
    return made


def test_table_that_is_altered_by_copying_keeps_what_refers_to_it(made: Release) -> None:
    """To drop the old copy deletes nothing elsewhere, though the reference says that it cascades."""
    made.add("0002", "contracts = '0001'", COPY)
    command.upgrade(made.config, "head")
    assert made.ask("SELECT note FROM tags") == [(1,)]
    assert "body TEXT NOT NULL" in str(made.ask("SELECT sql FROM sqlite_master WHERE name = 'notes'"))


def test_migration_that_breaks_a_reference_is_undone(made: Release) -> None:
    """Foreign keys are off while it runs: they are looked through at its end."""
    made.add("0002", "expands = True", "op.execute('DELETE FROM notes')")
    with pytest.raises(ValueError, match="1 rows refer to rows that are not there: tags to notes"):
        command.upgrade(made.config, "head")
    assert made.ask("SELECT id FROM notes") == [(1,)]
    assert made.serves == [("0001", "0001")]


def test_migration_that_fails_in_the_middle_is_undone(made: Release) -> None:
    """With the one before it, and with tables that it has made, copied and filled."""
    before = made.ask("SELECT sql FROM sqlite_master")
    made.add("0002", "expands = True", "op.create_table('some', sa.Column('id', sa.Integer()))")
    made.add("0003", "", f"op.create_table('more', sa.Column('id', sa.Integer())); {COPY}; op.execute('nonsense')")
    with pytest.raises(Exception, match="nonsense"):
        command.upgrade(made.config, "head")
    assert made.ask("SELECT sql FROM sqlite_master") == before
    assert made.serves == [("0001", "0001")]


def test_migration_waits_for_who_writes_and_not_for_ever(made: Release) -> None:
    """It says so, and has done nothing."""
    made.add("0002", "expands = True", "op.create_table('more', sa.Column('id', sa.Integer()))")
    path = made.settings.database_url.get_secret_value().partition("///")[2]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises((UnavailableError, CommandError), match=r"another migration has been running for 0\.1 s"):
            command.upgrade(made.config, "head")
    assert made.serves == [("0001", "0001")]
    command.upgrade(made.config, "head")
    assert made.serves == [("0002", "0001 0002")]


def test_batches_behind_a_pooler_are_refused_before_a_session_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pooler would hand the session, and the lock with it, to somebody else; the message says what to set."""
    monkeypatch.setattr(turns, "is_pooled", lambda _: True)
    connection = Mock(**{"dialect.name": "postgresql"})
    with pytest.raises(BadSettingsError, match="set APP_DATABASE_MIGRATION_URL"), turns.kept(connection):
        pass
    assert not connection.execute.called


def test_lock_is_a_number_that_postgresql_takes() -> None:
    """A signed one of 64 bits, whatever the service is called."""
    assert 0 < turns.LOCK_KEY < 2**63
