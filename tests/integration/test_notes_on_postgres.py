"""The example resource over HTTP once more, on PostgreSQL: every test of tests/unit/app/test_notes.py."""

import pytest

from app.settings import Settings
from tests.unit.app.conftest import app, client, lifecycle  # noqa: F401 - fixtures
from tests.unit.app.test_notes import *  # noqa: F403 - the same tests, whatever they are


@pytest.fixture
def settings(postgres: Settings) -> Settings:
    """Return what the application under test is to use."""
    return postgres
