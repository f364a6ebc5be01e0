"""A release's migrations in a directory, run as Alembic's own commands run them."""

from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from sqlalchemy import create_engine, text

from app import migrations
from app.settings import Settings

HEADER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = {revision!r}, {parent!r}, None, None
{declared}

def upgrade():
    {up}

def downgrade():
    {down}
"""


@dataclass(frozen=True)
class Release:
    """The directory with the migrations, the settings, and what is in the database."""

    directory: Path
    settings: Settings

    def add(self, revision: str, declared: str = "", up: str = "pass", down: str = "pass") -> None:
        """Add a migration after the last one."""
        versions = self.directory / "versions"
        parent = max((path.stem for path in versions.glob("*.py")), default=None)
        written = HEADER.format(revision=revision, parent=parent, declared=declared, up=up, down=down)
        (versions / f"{revision}.py").write_text(written)

    @property
    def config(self) -> Config:
        """Return Alembic's configuration."""
        config = Config()
        config.set_main_option("script_location", str(self.directory))
        config.attributes["settings"] = self.settings
        return config

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """Return what a statement finds."""
        engine = create_engine(self.settings.database_url.get_secret_value().replace("+aiosqlite", ""))
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            found = [tuple(row) for row in result] if result.returns_rows else []
        engine.dispose()
        return found

    @property
    def serves(self) -> list[tuple[object, ...]]:
        """Return the database's revision, and which ones its schema serves."""
        return self.ask("SELECT version_num, serves FROM alembic_version")


def release(directory: Path, settings: Settings) -> Release:
    """Make a release without migrations."""
    (directory / "versions").mkdir(parents=True)
    (directory / "env.py").write_text((Path(migrations.__file__).parent / "env.py").read_text())
    return Release(directory, settings)
