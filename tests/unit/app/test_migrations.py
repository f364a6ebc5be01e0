"""The migrations: they make what the models say."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from app.migrate import migrate
from app.models import Base
from app.settings import Settings


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
