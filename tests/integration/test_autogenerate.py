"""A migration that Alembic writes from the models runs as it is, on both databases, and passes what the code must."""

import os
import shutil
import sys
from pathlib import Path

from seatrial.command import Command
from tests.integration.databases import CHECKOUT, Database

MODEL = '''

class Tag(Base):
    """A tag."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), index=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=_now)
'''
COLUMN = "    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)\n"
CHECKS = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy", "--strict", "--no-incremental"))


def changed_checkout(directory: Path) -> Path:
    """Return a checkout whose models have a table and a column more."""
    shutil.copytree(CHECKOUT / "app", directory / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", directory)
    note = directory / "app" / "models" / "note.py"
    text = note.read_text().replace("import String", "import ForeignKey, String")
    note.write_text(text.replace("    body: Mapped", f"{COLUMN}    body: Mapped") + MODEL)
    return directory


async def test_generated_migration_runs_as_it_is(database: Database, tmp_path: Path) -> None:
    """Up, with nothing left to generate, down, and up again; linted, formatted and typed."""
    checkout = changed_checkout(tmp_path / "checkout")
    database.variables["PYTHONPATH"] = str(checkout)
    for arguments in (
        ("upgrade", "head"),
        ("revision", "--autogenerate", "-m", "tags and when they were seen"),
        ("upgrade", "head"),
        ("check",),
        ("downgrade", "0001"),
        ("upgrade", "head"),
    ):
        done = await database.alembic(*arguments, checkout=checkout)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    (made,) = (checkout / "app" / "migrations" / "versions").glob("*_tags*.py")
    assert {"tags", "notes"} <= (await database.tables()).keys()
    assert "finished_at" in (await database.tables())["notes"]
    assert "\nexpands = None\n" in made.read_text()
    for check in CHECKS:
        command = Command((sys.executable, "-m", *check, str(made)), 120, checkout, env={**os.environ})
        checked = await command.run()
        assert checked.returncode == 0, checked.stdout + checked.stderr
