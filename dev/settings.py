"""The settings of a session: nothing ends a request that stands at a breakpoint."""

from collections.abc import Mapping
from pathlib import Path

URL = "APP_DATABASE_URL"
CACHE = ".cache"
UNLIMITED = {
    "APP_REQUEST_TIMEOUT_SECONDS": "3590",
    "APP_DRAIN_SECONDS": "3600",
    "APP_DATABASE_STATEMENT_TIMEOUT_SECONDS": "3600",
    "APP_LOG_FORMAT": "console",
}
"""What is set whatever `.env` says: a copy of the whole example has the limits of production in it."""


def variables(environment: Mapping[str, str], dotenv: Path, database: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the service's processes, whose database is `database` if it names one.

    If it names none, the environment's or `.env`'s is used, and else a file of SQLite's beside `.env`.
    """
    if not database and not _is_given(environment, dotenv):
        database = {URL: f"sqlite+aiosqlite:///{dotenv.parent / CACHE}/dev.db"}
    return {**UNLIMITED, **environment, **database}


def _is_given(environment: Mapping[str, str], dotenv: Path) -> bool:
    lines = dotenv.read_text("utf-8").splitlines() if dotenv.is_file() else []
    return URL in environment or any(line.startswith(f"{URL}=") for line in lines)
