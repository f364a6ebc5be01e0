"""Termination of the real process by real signals. Timing is settled by events; the limits are generous."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.integration.service import migrated, running
from tests.integration.upload import begin_upload, end_upload


async def test_sigterm_makes_a_lame_duck_that_answers_and_closes(tmp_path: Path) -> None:
    """Readiness fails while requests on old and new connections succeed, each answered with `Connection: close`."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="3") as service, httpx.AsyncClient() as client:
        await service.until_ready()
        assert "connection" not in (await client.get(f"{service.url}/health/live")).headers
        service.process.send_signal(signal.SIGTERM)
        await service.until_ready(ready=False)
        answer = await client.get(f"{service.url}/health/live")
        assert answer.status_code == 200
        assert answer.headers["connection"] == "close"
        assert await service.exit_code() == 0
        assert [line for line in service.events() if line["event"] == "Application shutdown complete."]


async def test_request_in_flight_is_answered_after_the_listener_has_closed(tmp_path: Path) -> None:
    """A request that began in the lame duck and needs longer than it has its answer, and the exit code is 0."""
    await migrated(tmp_path)
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="0.5", APP_LINGER_SECONDS="0.2") as service:
        await service.until_ready()
        reader, writer = await begin_upload(service)
        service.process.send_signal(signal.SIGTERM)
        await service.until_refused()
        end_upload(writer)
        assert (await reader.readline()).startswith(b"HTTP/1.1 201")
        writer.close()
        assert await service.exit_code() == 0


async def test_request_that_never_ends_has_its_answer_within_the_drain(tmp_path: Path) -> None:
    """The request timeout is less than the drain: who never finishes is told so, and the lifespan still ends."""
    async with running(
        tmp_path,
        "serve",
        APP_LAME_DUCK_SECONDS="0",
        APP_LINGER_SECONDS="0",
        APP_DRAIN_SECONDS="5",
        APP_REQUEST_TIMEOUT_SECONDS="0.5",
    ) as service:
        await service.until_ready()
        reader, writer = await begin_upload(service)
        service.process.send_signal(signal.SIGTERM)
        assert (await reader.readline()).startswith(b"HTTP/1.1 408")
        assert await service.exit_code() == 0
        assert [line for line in service.events() if line["event"] == "Application shutdown complete."]
        writer.close()


async def test_idle_connection_has_one_more_answer_after_the_listener_has_closed(tmp_path: Path) -> None:
    """In the linger a kept-alive connection's next request is answered, not reset."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="0", APP_LINGER_SECONDS="30") as service:
        await service.until_ready()
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        service.process.send_signal(signal.SIGTERM)
        await service.until_refused()
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n")
        rest = await reader.read()
        assert b"HTTP/1.1 200" in rest
        assert b"connection: close" in rest
        writer.close()
        assert await service.exit_code() == 0


async def test_second_sigterm_changes_nothing(tmp_path: Path) -> None:
    """A signal to the whole group, as some inits send it, and a repeat leave the lame duck as it is."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="2") as service, httpx.AsyncClient() as client:
        await service.until_ready()
        os.killpg(service.process.pid, signal.SIGTERM)
        await service.until_printed("Handling signal: term")
        os.killpg(service.process.pid, signal.SIGTERM)
        assert (await client.get(f"{service.url}/health/live")).status_code == 200
        assert await service.exit_code() == 0


async def test_sigint_ends_quickly_and_cleans_up(tmp_path: Path) -> None:
    """Ctrl-C waits for no lame duck of a minute, and the lifespan still ends."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="600") as service:
        await service.until_ready()
        os.killpg(service.process.pid, signal.SIGINT)
        assert await service.exit_code() == 0
        assert [line for line in service.events() if line["event"] == "Application shutdown complete."]


async def test_sigint_cuts_a_lame_duck_short(tmp_path: Path) -> None:
    """Who has sent SIGTERM may still want it quickly."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="600") as service:
        await service.until_ready()
        service.process.send_signal(signal.SIGTERM)
        await service.until_printed("Handling signal: term")
        service.process.send_signal(signal.SIGINT)
        assert await service.exit_code() == 0
        assert [line for line in service.events() if line["event"] == "Application shutdown complete."]


@pytest.mark.parametrize("moment", range(8))
async def test_sigterm_while_starting_ends_at_once(tmp_path: Path, moment: int) -> None:
    """Wherever the start is, SIGTERM ends it: no lame duck of minutes, no wait for gunicorn's graceful_timeout."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="0", APP_DRAIN_SECONDS="600") as service:
        await asyncio.sleep(0.05 + 0.15 * moment)  # not a wait for anything: the moments are the point
        service.process.send_signal(signal.SIGTERM)
        assert await service.exit_code() in (0, -signal.SIGTERM)  # by signal only before Python runs our first line


async def test_sigint_cuts_a_drain_short_and_cleans_up(tmp_path: Path) -> None:
    """A request in flight does not hold up who is in a hurry, and the lifespan still ends."""
    async with running(
        tmp_path,
        "serve",
        APP_LAME_DUCK_SECONDS="0",
        APP_LINGER_SECONDS="0",
        APP_DRAIN_SECONDS="600",
        APP_REQUEST_TIMEOUT_SECONDS="599",
    ) as service:
        await service.until_ready()
        _, writer = await begin_upload(service)
        service.process.send_signal(signal.SIGTERM)
        await service.until_refused()
        service.process.send_signal(signal.SIGINT)
        assert await service.exit_code() == 0
        assert service.printed("Application shutdown complete.")
        writer.close()
