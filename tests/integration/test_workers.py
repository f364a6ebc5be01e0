"""Workers come and go, killed, hung or recycled, and the service goes on."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest

from seatrial.waiting import eventually
from tests.integration import hanging
from tests.integration.service import LIMIT_SECONDS, migrated, running
from tests.integration.upload import begin_upload, end_upload


async def test_killed_worker_is_replaced(tmp_path: Path) -> None:
    """SIGKILL of a worker costs a moment, not the service."""
    async with running(tmp_path, "serve") as service:
        await service.until_ready()
        os.kill(service.workers()[-1], signal.SIGKILL)
        await service.until_printed("Booting worker", count=2)
        await service.until_ready()


async def test_hung_worker_is_replaced_and_says_where_it_hung(tmp_path: Path) -> None:
    """A worker whose event loop does not turn is aborted, with its stack on stderr, and replaced."""
    async with running(tmp_path, "serve", module=hanging.MODULE, APP_WORKER_TIMEOUT_SECONDS="2") as service:
        await service.until_ready()
        await hanging.ask(service)
        await service.until_printed("WORKER TIMEOUT")
        await service.until_printed("hanging.py")
        await service.until_printed("Booting worker", count=2)
        await service.until_ready()


async def test_successor_answers_while_a_recycled_worker_still_drains(tmp_path: Path) -> None:
    """With a single worker, too, there is always one that accepts: an upload in flight holds up nobody else."""
    await migrated(tmp_path)
    async with (
        running(tmp_path, "serve", WEB_CONCURRENCY="1", APP_MAX_REQUESTS="20", APP_LAME_DUCK_SECONDS="3") as service,
        httpx.AsyncClient() as client,
    ):
        await service.until_ready()
        reader, writer = await begin_upload(service)
        old = service.workers()[-1]
        for _ in range(25):
            assert (await client.get(f"{service.url}/health/live")).status_code == 200
        await service.until_printed("Booting worker", count=2)
        assert service.workers()[-1] != old
        await service.until_printed("Application startup complete.", count=2)
        assert (await client.get(f"{service.url}/health/live")).status_code == 200
        end_upload(writer)
        assert (await reader.readline()).startswith(b"HTTP/1.1 201")
        writer.close()
        await service.until_printed(f"Worker exiting (pid: {old})")
        await service.until_ready()
        assert service.printed("Booting worker") == 2, "the successor is the only one"


async def test_recycling_workers_drops_no_request(tmp_path: Path) -> None:
    """With max_requests, workers come and go under keep-alive and new connections, and every request is answered."""
    async with running(
        tmp_path,
        "serve",
        WEB_CONCURRENCY="2",
        APP_MAX_REQUESTS="100",
        APP_MAX_REQUESTS_JITTER="50",
        APP_LAME_DUCK_SECONDS="0.5",
        APP_LOG_LEVEL="info",
    ) as service:
        await service.until_ready()
        statuses: list[int] = []

        async def visit(client: httpx.AsyncClient) -> None:
            while service.printed("Booting worker") < 6:
                statuses.append((await client.get(f"{service.url}/health/live")).status_code)

        async def visit_anew() -> None:
            while service.printed("Booting worker") < 6:
                async with httpx.AsyncClient() as client:
                    statuses.append((await client.get(f"{service.url}/health/live")).status_code)

        async with (
            asyncio.timeout(120),
            httpx.AsyncClient() as one,
            httpx.AsyncClient() as two,
            asyncio.TaskGroup() as group,
        ):
            for visitor in (visit(one), visit(two), visit_anew()):
                group.create_task(visitor)
        assert set(statuses) == {200}
        assert len(statuses) > 400


@pytest.mark.parametrize("module", ["app", hanging.MODULE])
async def test_killed_arbiters_workers_end(tmp_path: Path, module: str) -> None:
    """Nobody holds the port for a service that is gone: workers clean up and end, even one whose event loop hangs."""
    async with running(tmp_path, "serve", module=module, WEB_CONCURRENCY="1") as service:
        await service.until_ready()
        worker = service.workers()[-1]
        if module == hanging.MODULE:
            await hanging.ask(service)
        service.process.kill()
        await eventually(lambda: not Path(f"/proc/{worker}").exists(), LIMIT_SECONDS, "the worker's end")
        await service.until_refused()
        if module == "app":
            await service.until_printed("Application shutdown complete.")
