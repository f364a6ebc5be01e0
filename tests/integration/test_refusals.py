"""What no waiting mends: `migrate` ends at once with one message, and `serve` says the cause while it is not ready."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from app.settings import Settings
from tests.integration.conftest import Server
from tests.integration.service import running

Variables = dict[str, str]


def wrong_password(server: Server, _database: str) -> Variables:
    """The server asks for another one."""
    return {"APP_DATABASE_URL": server.url("seatrial"), "APP_DATABASE_PASSWORD": "hunter2"}


def unknown_user(server: Server, database: str) -> Variables:
    """The server has no such role."""
    url = server.url(database).replace("//seatrial@", "//nobody@")
    return {"APP_DATABASE_URL": url, "APP_DATABASE_PASSWORD": server.password}


def unknown_database(server: Server, _database: str) -> Variables:
    """The server has no such database."""
    return {"APP_DATABASE_URL": server.url("nowhere"), "APP_DATABASE_PASSWORD": server.password}


def tls_that_the_server_has_not(server: Server, database: str) -> Variables:
    """The URL asks for it."""
    url = f"{server.url(database)}?sslmode=require"
    return {"APP_DATABASE_URL": url, "APP_DATABASE_PASSWORD": server.password}


class Refusal(NamedTuple):
    """What is given, and of what the messages speak."""

    given: Callable[[Server, str], Variables]
    cause: str
    advice: str


@pytest.fixture(
    params=[
        Refusal(wrong_password, "InvalidPasswordError", "correct the user, the password"),
        Refusal(unknown_user, "InvalidPasswordError", "correct the user, the password"),
        Refusal(unknown_database, "InvalidCatalogNameError", "create the database"),
        Refusal(tls_that_the_server_has_not, "rejected SSL upgrade", "sslmode=disable"),
    ],
    ids=lambda refusal: refusal.given.__name__,
)
def refusal(request: pytest.FixtureRequest) -> Refusal:
    """Return one thing after the other that a server refuses."""
    found: Refusal = request.param
    return found


async def test_migration_that_is_refused_does_not_wait(
    postgres: Settings, server: Server, tmp_path: Path, refusal: Refusal
) -> None:
    """78 without one more try, the driver's own word and what to change; no traceback, and no password."""
    database = postgres.database_url.get_secret_value().rpartition("/")[2]
    async with running(
        tmp_path, "migrate", **refusal.given(server, database), APP_MIGRATION_WAIT_SECONDS="3000"
    ) as service:
        assert await service.exit_code() == 78
    assert not service.printed("waiting for the database")
    assert service.lines[-2].startswith("cannot migrate: the database refuses: ")
    assert refusal.cause in service.lines[-2]
    assert refusal.advice in service.lines[-1]
    printed = "".join(service.lines)
    assert "Traceback" not in printed
    assert "hunter2" not in printed
    assert server.password not in printed


async def test_service_that_is_refused_says_the_cause_and_is_not_ready(
    postgres: Settings, server: Server, tmp_path: Path, refusal: Refusal
) -> None:
    """Readiness fails, a request is answered with 503, and an error in the log has the cause and what to change."""
    given = refusal.given(server, postgres.database_url.get_secret_value().rpartition("/")[2])
    async with running(tmp_path, "serve", **given, WEB_CONCURRENCY="1") as service:
        await service.until_ready(ready=False)
        async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
            assert (await client.get("/api/v1/notes")).status_code == 503
        await service.until_printed("database refuses the settings")
        (line,) = (line for line in service.events() if line["event"] == "database refuses the settings")
    assert line["level"] == "error"
    assert refusal.cause in line["error"]
    assert refusal.advice in line["advice"]
