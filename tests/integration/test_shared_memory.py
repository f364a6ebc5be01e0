"""Shared memory that is full, becomes full, or is read-only: it costs metrics at most."""

import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.integration.service import Service, running

NOTES = "/api/v1/notes"
QUICKLY = {"APP_LAME_DUCK_SECONDS": "0", "APP_LINGER_SECONDS": "0", "WEB_CONCURRENCY": "2"}
# In a mount namespace of its own, so that nobody else's shared memory is touched.
WITHIN = """
import os, subprocess, sys
subprocess.run(["mount", "-t", "tmpfs", *{options!r}.split(), "tmpfs", "/dev/shm"], check=True)
os.execv(sys.executable, [sys.executable, "-m", "app", "serve"])
"""
NO_TEMPORARY_FILES = """
import tempfile

def gettempdir():
    raise FileNotFoundError(2, "no usable temporary directory")

tempfile.gettempdir = gettempdir
"""
ALLOWED = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0  # noqa: S607
pytestmark = pytest.mark.skipif(not ALLOWED, reason="needs root: a mount namespace of its own")


@asynccontextmanager
async def serving_with(directory: Path, options: str, **variables: str) -> AsyncIterator[Service]:
    """Run the service with a /dev/shm that is mounted with `options`."""
    (directory / "within.py").write_text(WITHIN.format(options=options))
    launcher = "import os, sys; os.execvp('unshare', ['unshare', '--mount', sys.executable, 'within.py'])"
    (directory / "launcher.py").write_text(launcher)
    paths = f"{directory}:{Path(__file__).parents[2]}"
    async with running(directory, "serve", module="launcher", PYTHONPATH=paths, **QUICKLY, **variables) as service:
        await service.until_ready()
        yield service


async def requests_counted(service: Service) -> float:
    """Return the sum of requests in the metrics."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{service.url}/metrics")
    assert answer.status_code == 200
    counts = re.findall(r"^seatrial_http_requests_total\{.*\} (.*)$", answer.text, re.MULTILINE)
    return sum(map(float, counts))


async def ask(service: Service, times: int) -> None:
    """Send requests, each on a connection of its own."""
    for _ in range(times):
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{service.url}/api/v1/notes")).status_code == 200


async def ended_well(service: Service) -> None:
    """End it, and see that no worker has died before."""
    assert service.printed("Booting worker") == 2
    service.process.terminate()
    assert await service.exit_code() == 0


@pytest.mark.parametrize("options", ["-o size=64k", "-o ro", "-o nr_inodes=1"], ids=["full", "read-only", "no inode"])
async def test_metrics_are_elsewhere_where_shared_memory_has_no_room(tmp_path: Path, options: str) -> None:
    """In the directory for temporary files, of all workers as ever; a log line says so."""
    (tmp_path / "tmp").mkdir()
    async with serving_with(tmp_path, options, TMPDIR=str(tmp_path / "tmp")) as service:
        await ask(service, 20)
        assert await requests_counted(service) == 20
        assert service.printed("no room for metrics of all workers") == 1
        await ended_well(service)
    assert not list((tmp_path / "tmp").iterdir()), "and nothing is left there"


async def test_service_serves_where_metrics_have_no_room_at_all(tmp_path: Path) -> None:
    """Each worker answers with its own numbers; the log says so."""
    (tmp_path / "sitecustomize.py").write_text(NO_TEMPORARY_FILES)
    async with serving_with(tmp_path, "-o ro") as service:
        await ask(service, 20)
        assert 0 < await requests_counted(service) <= 20
        assert service.printed("each worker answers with its own metrics alone") == 1
        await ended_well(service)


async def test_shared_memory_that_becomes_full_kills_no_worker(tmp_path: Path) -> None:
    """What has no room any more is lost, and nothing else: a scrape still answers."""
    async with serving_with(tmp_path, "-o size=2m") as service:
        shared_memory = Path(f"/proc/{service.process.pid}/root/dev/shm")
        with (shared_memory / "filling").open("wb", buffering=0) as filling, suppress(OSError):
            while True:
                filling.write(bytes(4096))
        async with httpx.AsyncClient(headers={"connection": "close"}) as client:
            for path in (
                NOTES,
                f"{NOTES}/1",
                "/docs",
                "/docs/start.js",
                "/nowhere",
            ):  # more series than there is room for
                for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"):
                    for _ in range(4):  # for both workers
                        await client.request(method, f"{service.url}{path}")
        assert await requests_counted(service) > 0
        assert service.printed("no room for metrics of all workers") >= 1
        await ended_well(service)
