"""Bringing the database to the newest schema: the init container's work."""

from alembic import command
from alembic.config import Config

from app.settings import Settings


def migrate(settings: Settings) -> None:
    """Run the migrations that the database lacks."""
    config = Config()
    config.set_main_option("script_location", "app:migrations")
    config.attributes["settings"] = settings
    command.upgrade(config, "head")
