"""A database of either kind that releases migrate, and what is in it."""

import os
import sys
from pathlib import Path

from sqlalchemy import inspect, text

from app.database import create_database_engine
from app.settings import Settings
from seatrial.command import Command, Completed
from tests.integration.service import running

CHECKOUT = Path(__file__).parents[2]


class Database:
    """A database that releases share."""

    def __init__(self, directory: Path, settings: Settings) -> None:
        self.directory = directory
        self.settings = settings
        self.variables = {"APP_DATABASE_URL": settings.database_url.get_secret_value(), "WEB_CONCURRENCY": "1"}
        if settings.database_password:
            self.variables["APP_DATABASE_PASSWORD"] = settings.database_password.get_secret_value()

    async def migrate(self, release: str | None = None, **more: str) -> tuple[int, list[str]]:
        """Migrate as a release does, this one if none is given; return the exit code and what was printed."""
        async with running(self.directory, "migrate", **self._of(release), **more) as service:
            return await service.exit_code(), service.lines

    async def alembic(self, *arguments: str, checkout: Path = CHECKOUT) -> Completed:
        """Type a command of Alembic's in a checkout."""
        command = (sys.executable, "-m", "alembic", *arguments)
        return await Command(command, cwd=checkout, env={**os.environ, **self.variables}).run()

    async def tables(self) -> dict[str, set[str]]:
        """Return the tables and their columns."""
        engine = create_database_engine(self.settings, None)
        async with engine.connect() as connection:
            found = await connection.run_sync(lambda sync: inspect(sync).get_multi_columns())
        await engine.dispose()
        return {name: {column["name"] for column in columns} for (_, name), columns in found.items()}

    async def revision(self) -> list[tuple[str, str]]:
        """Return the revision, and which ones are served."""
        engine = create_database_engine(self.settings, None)
        async with engine.connect() as connection:
            rows = (await connection.execute(text("SELECT version_num, serves FROM alembic_version"))).all()
        await engine.dispose()
        return [(row[0], row[1]) for row in rows]

    def _of(self, release: str | None) -> dict[str, str]:
        return self.variables | ({"PYTHONPATH": release} if release else {})
