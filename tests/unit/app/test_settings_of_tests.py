"""What a developer has in the shell or in `.env` decides no test."""

from pathlib import Path

import pytest

from app.settings import Settings
from tests.settings import SQLITE, forget, settings_of


def test_settings_of_a_test_are_as_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Variables and `.env` are read by the service's own settings, and not by those of tests."""
    (tmp_path / ".env").write_text("APP_PORT=9\n")
    monkeypatch.setenv("APP_TRUSTED_HOSTS", "api.example.com")
    outside = Settings(database_url=SQLITE)
    assert (outside.port, outside.trusted_hosts) == (9, ("api.example.com",))
    assert (settings_of().port, settings_of(port=7).port, settings_of().trusted_hosts) == (8000, 7, ("*",))


def test_variables_of_the_service_are_forgotten_and_no_others() -> None:
    """In any spelling that the service reads, and those without its prefix as well."""
    environment = {"APP_DOCS": "false", "app_port": "1", "WEB_CONCURRENCY": "3", "PATH": "/bin", "MY_APP_X": "1"}
    forget(environment)
    assert environment == {"PATH": "/bin", "MY_APP_X": "1"}
