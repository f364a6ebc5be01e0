"""Metrics of a real arbiter and its workers: one answer for all of them, whoever gives it."""

import os
import signal
from pathlib import Path

import httpx

from seatrial.waiting import eventually
from tests.integration.service import LIMIT_SECONDS, Service, running

REQUESTS = 40


def sample(service: Service, name: str) -> float:
    """Return the value of a sample by its name and labels as they are written, 0 if there is none."""
    lines = httpx.get(f"{service.url}/metrics", timeout=LIMIT_SECONDS).text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"seatrial_{name} ")), 0)


async def until(service: Service, name: str, expected: float) -> None:
    """Wait until a sample has this value."""
    await eventually(lambda: sample(service, name) == expected, LIMIT_SECONDS, f"{name} {expected}")


def ask(service: Service, count: int) -> None:
    """Send requests, each on a connection of its own, so that all workers have some."""
    for _ in range(count):
        httpx.get(f"{service.url}/nowhere", timeout=LIMIT_SECONDS)


async def test_counters_survive_a_worker_and_gauges_do_not(tmp_path: Path) -> None:
    """Killed and replaced: what it has counted stays, what it was is gone, and its successor needs no further file."""
    counted = 'http_requests_total{method="GET",route="unmatched",status="404"}'
    async with running(tmp_path, "serve", WEB_CONCURRENCY="2") as service:
        await service.until_ready()
        await until(service, 'workers{phase="ready"}', 2)
        ask(service, REQUESTS)
        assert sample(service, counted) == REQUESTS
        files = len(list(service.metrics.glob("counter_*")))
        os.kill(service.workers()[0], signal.SIGKILL)
        await until(service, 'worker_exits_total{reason="crashed"}', 1)
        await service.until_printed("Booting worker", 3)
        await until(service, 'workers{phase="ready"}', 2)
        assert sample(service, counted) == REQUESTS
        ask(service, REQUESTS)
        assert sample(service, counted) == 2 * REQUESTS
        assert len(list(service.metrics.glob("counter_*"))) == files


async def test_gauges_of_a_dead_worker_are_gone(tmp_path: Path) -> None:
    """Its pool is no longer among the pools, its phase no longer among the phases: its successor's are."""
    async with running(tmp_path, "serve", WEB_CONCURRENCY="2") as service:
        await service.until_ready()
        await until(service, "database_pool_size", 10)
        os.kill(service.workers()[0], signal.SIGKILL)
        await service.until_printed("Application startup complete.", 3)
        await until(service, 'workers{phase="ready"}', 2)
        assert sample(service, "database_pool_size") == 10


async def test_hung_worker_is_counted_apart_from_a_crashed_one(tmp_path: Path) -> None:
    """The arbiter ends what does not answer, and says so."""
    async with running(tmp_path, "serve", APP_WORKER_TIMEOUT_SECONDS="2") as service:
        await service.until_ready()
        os.kill(service.workers()[0], signal.SIGSTOP)
        await service.until_printed("Booting worker", 2)
        await service.until_ready()
        assert sample(service, 'worker_exits_total{reason="timeout"}') == 1
        assert sample(service, 'worker_exits_total{reason="crashed"}') == 0


async def test_recycled_worker_is_counted_as_finished(tmp_path: Path) -> None:
    """Nobody is to be woken for it."""
    async with running(tmp_path, "serve", APP_MAX_REQUESTS="10", APP_LAME_DUCK_SECONDS="0") as service:
        await service.until_ready()
        ask(service, 10)
        await service.until_printed("Booting worker", 2)
        await service.until_ready()
        assert sample(service, 'worker_exits_total{reason="finished"}') >= 1
        assert sample(service, 'worker_exits_total{reason="crashed"}') == 0


async def test_nothing_is_left_behind_when_the_port_is_taken(tmp_path: Path) -> None:
    """A start that fails cleans up, too."""
    async with running(tmp_path, "serve") as first:
        await first.until_ready()
        async with running(tmp_path, "serve", APP_PORT=str(first.port)) as second:
            await second.exit_code()
            name = f"seatrial-metrics-{first.port}-{second.process.pid}"
            assert not first.metrics.with_name(name).exists()
            assert first.metrics.exists()


async def test_nothing_is_left_behind_or_readable_by_others(tmp_path: Path) -> None:
    """The directory is private and goes with the service."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="0", APP_LINGER_SECONDS="0") as service:
        await service.until_ready()
        assert service.metrics.stat().st_mode & 0o777 == 0o700
        service.process.terminate()
        assert await service.exit_code() == 0
    assert not service.metrics.exists()
