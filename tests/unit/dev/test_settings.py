"""The settings of a session of development."""

from pathlib import Path

from dev.settings import URL, variables

OUTSIDE = {"PATH": "/bin"}


def test_request_may_stand_at_a_breakpoint(tmp_path: Path) -> None:
    """Even where `.env` is the whole example, with production's limits; a limit in the shell is meant."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("APP_REQUEST_TIMEOUT_SECONDS=9\n")
    assert variables(OUTSIDE, dotenv, {})["APP_REQUEST_TIMEOUT_SECONDS"] == "3590"
    given = OUTSIDE | {"APP_REQUEST_TIMEOUT_SECONDS": "3"}
    assert variables(given, dotenv, {})["APP_REQUEST_TIMEOUT_SECONDS"] == "3"


def test_database_is_the_one_that_is_given(tmp_path: Path) -> None:
    """By the command, else by the shell, else by `.env`, else a file in the checkout."""
    dotenv, other = tmp_path / ".env", {URL: "sqlite+aiosqlite:///other.db"}
    assert variables(OUTSIDE, dotenv, {})[URL] == f"sqlite+aiosqlite:///{tmp_path}/.cache/dev.db"
    assert variables(OUTSIDE | other, dotenv, {}) == variables(OUTSIDE, dotenv, other)
    dotenv.write_text(f"{URL}=sqlite+aiosqlite:///own.db\n")
    assert URL not in variables(OUTSIDE, dotenv, {})
    assert variables(OUTSIDE | other, dotenv, {URL: "postgresql+asyncpg://h/d"})[URL] == "postgresql+asyncpg://h/d"


def test_rest_of_the_environment_is_kept(tmp_path: Path) -> None:
    """The service finds its programs."""
    assert variables(OUTSIDE, tmp_path / ".env", {})["PATH"] == "/bin"
