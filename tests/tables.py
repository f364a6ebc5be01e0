"""The tables as the newest migration leaves them, made at once, for tests that are about something else."""

from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from app import schema
from app.models import Base


def create(connection: Connection) -> None:
    """Create the tables and say that they are at the newest revision."""
    Base.metadata.create_all(connection)
    connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": schema.head()})


def create_file(path: Path) -> None:
    """Create a SQLite database with the tables."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        create(connection)
    engine.dispose()


def drop_from(path: Path) -> None:
    """Drop the tables of a SQLite database, so that requests fail as nobody foresaw."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        Base.metadata.drop_all(connection)
    engine.dispose()
