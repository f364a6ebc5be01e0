"""A SQLite file that is locked, damaged or on a full disk: 503, not ready, and a line with the cause."""

import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import BinaryIO

import httpx
import pytest

from tests.integration.service import LIMIT_SECONDS, Service, migrated, running

NOTES = "/api/v1/notes"
PAGE = 4096


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a directory on a disk of two megabytes."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(("/bin/mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk), check=True)
    yield disk
    subprocess.run(("/bin/umount", "--lazy", disk), check=True)


@asynccontextmanager
async def ready(directory: Path) -> AsyncIterator[Service]:
    """Run the service on a database with a note."""
    await migrated(directory)
    async with running(directory, "serve", WEB_CONCURRENCY="1", APP_READINESS_CACHE_SECONDS="0") as service:
        await service.until_ready()
        assert await write(service, "first") == 201
        yield service


async def write(service: Service, title: str, size: int = 10) -> int:
    """Store a note with a body of so many bytes; return the answer's status."""
    async with httpx.AsyncClient(timeout=LIMIT_SECONDS) as client:
        answer = await client.post(f"{service.url}{NOTES}", json={"title": title, "body": "x" * size})
    return answer.status_code


def causes(service: Service) -> list[str]:
    """Return the causes for which it was not ready."""
    return [line["cause"] for line in service.events() if line["event"] == "dependency changed" and "cause" in line]


async def test_lasting_lock_fails_readiness_until_it_is_gone(tmp_path: Path) -> None:
    """A write that has waited in vain is 503; then the service is not ready for as long as the lock lasts."""
    async with ready(tmp_path) as service:
        with closing(sqlite3.connect(tmp_path / "test.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert await write(service, "locked") == 503
            await service.until_ready(ready=False)
            assert causes(service) == ["OperationalError: database is locked"]
        await service.until_ready()
        assert await write(service, "afterwards") == 201


async def test_lock_that_passes_costs_no_readiness(tmp_path: Path) -> None:
    """Nobody has waited in vain for it: the next one who writes has it."""
    async with ready(tmp_path) as service:
        with closing(sqlite3.connect(tmp_path / "test.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await service.until_ready()
        assert await write(service, "afterwards") == 201
        assert not causes(service)


async def test_full_disk_fails_readiness_until_there_is_room(small_disk: Path) -> None:
    """Its last page is somebody else's: 503 and not ready; with room again it is ready by itself."""
    async with ready(small_disk) as service:
        other = small_disk / "other"
        with other.open("wb", buffering=0) as file:
            fill(file)
        statuses = [await write(service, f"note {number}", 9_000) for number in range(20)]
        assert set(statuses) <= {201, 503}  # what the file has kept for later is still there
        assert statuses[-1] == 503
        await service.until_ready(ready=False)
        assert causes(service) == ["OperationalError: database or disk is full"]
        other.unlink()
        await service.until_ready()
        assert await write(service, "afterwards", 9_000) == 201


def fill(file: BinaryIO) -> None:
    """Write until there is no room."""
    with suppress(OSError):
        while True:
            file.write(bytes(PAGE))


async def test_damaged_file_fails_readiness(tmp_path: Path) -> None:
    """Pages of a table are overwritten: what was asked of them is 503, and the service is not ready."""
    await migrated(tmp_path)
    file = tmp_path / "test.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute(
            "INSERT INTO notes (title, body, version, created_at, updated_at) VALUES ('x', 'x', 1, ?, ?)",
            ("2026-01-01", "2026-01-01"),
        )
        database.commit()
        (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'notes'").fetchone()
    with file.open("r+b") as pages:
        pages.seek((root - 1) * PAGE)
        pages.write(b"\xff" * PAGE)
    async with running(tmp_path, "serve", WEB_CONCURRENCY="1") as service:
        await service.until_ready()
        async with httpx.AsyncClient(timeout=LIMIT_SECONDS) as client:
            assert (await client.get(f"{service.url}{NOTES}")).status_code == 503
        await service.until_ready(ready=False)
        (cause,) = causes(service)
        assert "damaged" in cause or "malformed" in cause
