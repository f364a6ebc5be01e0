"""Readiness: bounded, cached, and asked once."""

import asyncio

import pytest
from structlog.testing import capture_logs

from app.readiness import Readiness


class Dependency:
    """A dependency that a test can break, and that counts who asks."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.answers = asyncio.Event()
        self.answers.set()

    async def check(self) -> None:
        """Answer, fail or hang, as told."""
        self.asked += 1
        await self.answers.wait()
        if self.error:
            raise self.error


@pytest.fixture
def dependency() -> Dependency:
    """Return a dependency that answers."""
    return Dependency()


def readiness(dependency: Dependency, now: list[float], timeout_seconds: float = 5) -> Readiness:
    """Return a readiness whose clock is `now[0]` and whose results last a second."""
    return Readiness(
        {"database": dependency.check}, timeout_seconds=timeout_seconds, cache_seconds=1, clock=lambda: now[0]
    )


async def test_service_does_not_serve_without_a_required_dependency(dependency: Dependency) -> None:
    """One that is required and does not answer is reason enough."""
    dependency.error = OSError()
    ready = readiness(dependency, [0.0])
    assert not ready.serves(await ready.results())


async def test_service_serves_without_a_dependency_that_is_only_reported(dependency: Dependency) -> None:
    """A cache that is away is told, and takes no pod out of service."""
    cache = Dependency()
    cache.error = OSError()
    ready = Readiness(
        {"database": dependency.check}, reported={"cache": cache.check}, timeout_seconds=5, cache_seconds=1
    )
    results = await ready.results()
    assert results == {"database": "ok", "cache": "failed"}
    assert ready.serves(results)


async def test_cause_is_logged_when_a_dependency_goes_away_and_no_more_when_it_is_back(dependency: Dependency) -> None:
    """The log says what the answer does not: one line for each change."""
    now = [0.0]
    ready = readiness(dependency, now)
    with capture_logs() as logged:
        dependency.error = OSError("db.internal:5432 refused")
        await ready.results()
        now[0] = 1.0
        await ready.results()
        dependency.error = None
        now[0] = 2.0
        await ready.results()
    assert [(line["result"], line.get("cause")) for line in logged] == [
        ("failed", "OSError: db.internal:5432 refused"),
        ("ok", None),
    ]


async def test_readiness_is_ok_when_the_dependency_answers(dependency: Dependency) -> None:
    """The result names the dependency."""
    assert await readiness(dependency, [0.0]).results() == {"database": "ok"}


async def test_readiness_names_a_failing_dependency_without_its_error(dependency: Dependency) -> None:
    """What a driver says may hold addresses and names: it stays inside."""
    dependency.error = OSError("db.internal:5432 refused")
    assert await readiness(dependency, [0.0]).results() == {"database": "failed"}


async def test_readiness_gives_up_on_a_dependency_that_hangs(dependency: Dependency) -> None:
    """It is done before the probe's own timeout."""
    dependency.answers.clear()
    assert await readiness(dependency, [0.0], timeout_seconds=0.01).results() == {"database": "timeout"}


async def test_readiness_gives_up_on_a_dependency_that_does_not_even_end_when_cancelled() -> None:
    """A driver that cleans up against a hung server holds no probe up, and is not asked anew meanwhile."""
    asked, released = 0, asyncio.Event()

    async def stubborn() -> None:
        nonlocal asked
        asked += 1
        try:
            await asyncio.Event().wait()
        finally:
            await released.wait()

    ready = Readiness({"database": stubborn}, timeout_seconds=0.01, cache_seconds=0)
    assert [await ready.results() for _ in range(3)] == [{"database": "timeout"}] * 3
    assert asked == 1
    released.set()


async def test_readiness_asks_once_while_the_result_is_fresh(dependency: Dependency) -> None:
    """Probes of many load balancers cost one query a second."""
    now = [0.0]
    ready = readiness(dependency, now)
    await ready.results()
    now[0] = 0.9
    await ready.results()
    assert dependency.asked == 1


async def test_readiness_asks_again_when_the_result_is_stale(dependency: Dependency) -> None:
    """A recovery is seen."""
    now = [0.0]
    dependency.error = OSError()
    ready = readiness(dependency, now)
    assert await ready.results() == {"database": "failed"}
    dependency.error = None
    now[0] = 1.0
    assert await ready.results() == {"database": "ok"}


async def test_readiness_has_one_check_in_flight_however_many_ask(dependency: Dependency) -> None:
    """Probes cannot pile up on a hung dependency."""
    dependency.answers.clear()
    ready = readiness(dependency, [0.0])
    askers = [asyncio.create_task(ready.results()) for _ in range(50)]
    await asyncio.sleep(0)
    dependency.answers.set()
    assert await asyncio.gather(*askers) == [{"database": "ok"}] * 50
    assert dependency.asked == 1


async def test_asker_that_gives_up_does_not_end_the_check_for_the_others(dependency: Dependency) -> None:
    """A probe's timeout is its own."""
    dependency.answers.clear()
    ready = readiness(dependency, [0.0])
    impatient, patient = (asyncio.create_task(ready.results()) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    dependency.answers.set()
    assert await patient == {"database": "ok"}
