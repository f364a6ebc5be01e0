"""The probes' endpoints."""

import httpx
import pytest
from fastapi import FastAPI

from app.lifecycle import Lifecycle


@pytest.fixture
def overrides() -> dict[str, float]:
    """Return results that are never fresh, so that a test sees what it just broke."""
    return {"readiness_cache_seconds": 0.0}


class BrokenDatabase:
    """A database that does not answer."""

    async def check(self) -> None:
        """Fail as a driver does."""
        raise OSError("db.internal:5432: connection refused")


@pytest.fixture
def broken(app: FastAPI, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Return a client of an application whose database is gone."""
    app.state.readiness._checks = {"database": BrokenDatabase().check}  # noqa: SLF001 - the one way in
    return client


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health/startup"])
async def test_probe_succeeds_when_the_service_is_ready(client: httpx.AsyncClient, path: str) -> None:
    """All three succeed in service."""
    assert (await client.get(path)).status_code == 200


async def test_readiness_fails_and_names_the_database_without_internals(broken: httpx.AsyncClient) -> None:
    """503, the dependency's name, and not a word of the driver's."""
    answer = await broken.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "dependencies": {"database": "failed"}}


@pytest.mark.parametrize("path", ["/health/live", "/health/startup"])
async def test_liveness_and_startup_succeed_while_the_database_is_gone(broken: httpx.AsyncClient, path: str) -> None:
    """A restart would not bring the database back."""
    assert (await broken.get(path)).status_code == 200


async def test_readiness_fails_in_the_lame_duck_while_liveness_succeeds(
    client: httpx.AsyncClient, lifecycle: Lifecycle
) -> None:
    """Out of service, not out of order."""
    lifecycle.begin_lame_duck(now=0, seconds=10)
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "lame duck"})
    assert (await client.get("/health/live")).status_code == 200


async def test_readiness_fails_when_sigterm_comes_while_a_dependency_is_asked(
    app: FastAPI, client: httpx.AsyncClient, lifecycle: Lifecycle
) -> None:
    """What was true when the probe came is not what it is told."""

    async def check() -> None:
        lifecycle.begin_lame_duck(now=0, seconds=10)

    app.state.readiness._checks = {"database": check}  # noqa: SLF001 - the one way in
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "lame duck"})


async def test_startup_and_readiness_fail_before_the_lifespan_has_begun(app: FastAPI) -> None:
    """Nothing is promised before the start."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        app.state.readiness = None
        assert (await client.get("/health/startup")).status_code == 503
        assert (await client.get("/health/ready")).status_code == 503
