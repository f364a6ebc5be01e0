"""Fewer descriptors than connections: the service takes fewer connections, and says so; probes are answered."""

import asyncio
import os
import resource
from pathlib import Path

import httpx
import pytest

from tests.integration.raw import LIVE
from tests.integration.service import migrated, running

MODULE = "tests.integration.few_descriptors"
LOWERED = "fewer connections than APP_MAX_CONNECTIONS"


@pytest.mark.parametrize("limit", [256, 1024])
async def test_probes_are_answered_with_more_clients_than_descriptors(tmp_path: Path, limit: int) -> None:
    """A crowd that keeps its connections makes room, whatever comes at once; statements still get theirs."""
    await migrated(tmp_path)
    async with running(tmp_path, "serve", module=MODULE, DESCRIPTORS=f"{limit},{limit}") as service:
        await service.until_ready()
        (line,) = [line for line in service.events() if line["event"].startswith(LOWERED)]
        assert line["given"] == 1000
        assert line["limit"] == limit
        assert line["max_connections"] < limit
        crowd = []
        for _ in range(limit + 100):
            _, writer = await asyncio.open_connection("127.0.0.1", service.port)
            writer.write(LIVE)
            crowd.append(writer)
        async with httpx.AsyncClient(base_url=service.url, timeout=60) as client:
            for number in range(5):
                for path in ("/health/live", "/health/ready", "/api/v1/notes"):
                    assert (await client.get(path)).status_code == 200
                assert (await client.post("/api/v1/notes", json={"title": f"note {number}"})).status_code == 201
        assert not [line for line in service.events() if line["level"] == "error"]
        for writer in crowd:
            writer.transport.abort()


async def test_soft_limit_is_raised_as_far_as_the_hard_one_lets_it(tmp_path: Path) -> None:
    """The default of containerd, 1024 and many: nothing is lowered, nothing is said."""
    await migrated(tmp_path)
    async with running(tmp_path, "serve", module=MODULE, DESCRIPTORS="1024,4096") as service:
        await service.until_ready()
        soft, _ = resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE)
        assert not service.printed(LOWERED)
    assert 1000 + 2048 < soft <= 4096


async def test_too_few_descriptors_to_serve_stop_the_start(tmp_path: Path) -> None:
    """78, as for a bad setting, and what is needed."""
    await migrated(tmp_path)
    async with running(tmp_path, "serve", module=MODULE, DESCRIPTORS="100,100") as service:
        assert await service.exit_code() == os.EX_CONFIG
    assert service.printed("given a limit of 100 open files") == 1
