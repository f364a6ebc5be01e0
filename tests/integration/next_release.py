"""A next release's migrations: the present ones and an expanding one, as docs/database.md tells to write it."""

from pathlib import Path

from app import migrations

EXPAND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "0001", None, None

def upgrade():
    op.add_column("notes", sa.Column("archived", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("notes", sa.Column("colour", sa.String(20), nullable=True))
    op.create_index("ix_notes_colour", "notes", ["colour"])
"""
CONTRACT_AT_ONCE = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "0001", None, None

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


def release(directory: Path, migration: str) -> str:
    """Write a release's `app` that adds one migration to this one's; return the PYTHONPATH that runs it."""
    here = Path(migrations.__file__).parents[2]
    copied = directory / "release"
    for path in (here / "app").rglob("*"):
        if path.suffix in (".py", ".mako"):
            target = copied / path.relative_to(here)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    (copied / "app" / "migrations" / "versions" / "9001_next.py").write_text(migration)
    return str(copied)
