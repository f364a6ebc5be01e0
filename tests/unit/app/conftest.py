"""An application on a database of its own, and a client that talks to it in this process."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.lifecycle import Lifecycle
from app.main import create_app
from app.settings import Settings
from tests import tables
from tests.settings import settings_of


@pytest.fixture(autouse=True)
def _no_settings_from_the_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the developer's own `.env`."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def overrides() -> dict[str, Any]:
    """Return settings that a test module changes by overriding this fixture."""
    return {}


@pytest.fixture
def settings(tmp_path: Path, overrides: dict[str, Any]) -> Settings:
    """Return defaults and a new SQLite file."""
    return settings_of(**{"database_url": f"sqlite+aiosqlite:///{tmp_path}/test.db", **overrides})


@pytest.fixture
def lifecycle() -> Lifecycle:
    """Return the lifecycle of the application under test."""
    return Lifecycle()


@pytest.fixture
def app(settings: Settings, lifecycle: Lifecycle) -> FastAPI:
    """Return the application, not yet started."""
    return create_app(settings, lifecycle)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the started application, on an empty database."""
    async with app.router.lifespan_context(app):
        async with app.state.database.engine.begin() as connection:
            await connection.run_sync(tables.create)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
            yield opened
