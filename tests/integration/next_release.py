"""A next release's migrations: the present ones and an expanding one, as docs/database.md tells to write it."""

from pathlib import Path

from app import migrations

EXPAND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "0001", None, None
expands = True

def upgrade():
    op.add_column("notes", sa.Column("archived", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("notes", sa.Column("colour", sa.String(20), nullable=True))
    op.create_index("ix_notes_colour", "notes", ["colour"])
"""
CONTRACT_AT_ONCE = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "0001", None, None
contracts = "9001"

def upgrade():
    op.alter_column("notes", "body", new_column_name="text")
"""
FAILING = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "0001", None, None

def upgrade():
    op.add_column("notes", sa.Column("archived", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("ALTER TABLE missing ADD COLUMN x int")
"""
SLOW = """
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "0001", None, None

def upgrade():
    op.execute("SELECT pg_sleep(600)")
"""


MANY_STEPS = """
import os
import time
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "0001", None, None
expands = True

def upgrade():
    op.create_table("tags", sa.Column("id", sa.Integer(), primary_key=True))
    with op.batch_alter_table("notes") as notes:
        notes.add_column(sa.Column("archived", sa.Boolean(), server_default=sa.false(), nullable=False))
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("notes", recreate=recreate) as notes:
        notes.alter_column("body", server_default="", existing_type=sa.Text(), existing_nullable=False)
    print("halfway", flush=True)
    time.sleep(float(os.environ.get("HALFWAY_SECONDS", "0")))
    if "HALFWAY_FAILS" in os.environ:
        op.execute("ALTER TABLE missing ADD COLUMN x int")
    op.create_table("labels", sa.Column("id", sa.Integer(), primary_key=True))
"""
"""It can be held or made to fail halfway, on both databases."""
BACKFILL = """
import sqlalchemy as sa
from app.migrations.batches import run_in_batches

revision, down_revision, branch_labels, depends_on = "9002", "9001", None, None
expands = True
notes = sa.table("notes", sa.column("id", sa.Integer()), sa.column("colour", sa.String()))

def upgrade():
    todo = notes.update().where(notes.c.colour.is_(None)).values(colour="none")
    run_in_batches(todo, key=notes.c.id, rows=2)
"""
"""It comes after EXPAND."""
TWO_HEADS = (
    'revision, down_revision = "9001a", "0001"\ndef upgrade(): pass\n',
    'revision, down_revision = "9001b", "0001"\ndef upgrade(): pass\n',
)


def release(directory: Path, *added: str) -> str:
    """Write a release's `app` that adds migrations to this one's; return the PYTHONPATH that runs it."""
    here = Path(migrations.__file__).parents[2]
    copied = directory / "release"
    for path in (here / "app").rglob("*"):
        if path.suffix in (".py", ".mako"):
            target = copied / path.relative_to(here)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    for number, migration in enumerate(added):
        (copied / "app" / "migrations" / "versions" / f"900{number + 1}_next.py").write_text(migration)
    return str(copied)
