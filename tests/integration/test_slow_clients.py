"""Clients that send or read slowly: each is bounded, and none keeps others out. Real sockets, the real process."""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.integration.raw import LIVE, connection, dribble
from tests.integration.service import LIMIT_SECONDS, Service, migrated, running

HEAD = b"GET /health/live HTTP/1.1\r\nHost: test\r\n"
UPLOAD = b"POST /api/v1/notes HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """Yield a service with short limits and few connections."""
    await migrated(tmp_path)
    async with running(
        tmp_path,
        "serve",
        APP_HEADER_TIMEOUT_SECONDS="1",
        APP_REQUEST_TIMEOUT_SECONDS="2",
        APP_MAX_CONNECTIONS="20",
        APP_MAX_CONCURRENT_REQUESTS="2",
    ) as started:
        await started.until_ready()
        yield started


async def test_head_sent_a_byte_at_a_time_ends_with_408(service: Service) -> None:
    """Bytes that come do not prolong the time for the head as a whole."""
    async with connection(service) as raw, asyncio.TaskGroup() as group:
        sending = group.create_task(dribble(raw, HEAD + b"X: y\r\n" * 1000))
        answer = await raw.answer()
        sending.cancel()
    assert answer
    assert answer.problem()["status"] == 408
    assert answer.headers["connection"] == "close"
    await service.until_printed('"request refused"')
    assert [line["status"] for line in service.events() if line["event"] == "request refused"] == [408]


async def test_head_that_comes_within_its_time_is_answered(service: Service) -> None:
    """Slow is not too slow, and the time begins anew with the next request."""
    async with connection(service) as raw:
        for _ in range(3):
            for piece in (HEAD[:20], HEAD[20:], b"\r\n"):
                await raw.send(piece)
                await asyncio.sleep(0.2)  # 0.6 s for each head, 1.8 s for all
            answer = await raw.answer()
            assert answer
            assert answer.status == 200


@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n"])
async def test_connection_on_which_no_request_begins_is_closed(service: Service, sent: bytes) -> None:
    """Nothing, or less than the beginning of a request, has no answer of its own."""
    async with connection(service) as raw:
        await raw.send(sent)
        assert await raw.until_closed() == b""


async def test_idle_connection_outlasts_the_header_timeout(service: Service) -> None:
    """After an answer the keep-alive timeout counts."""
    async with connection(service) as raw:
        await raw.send(LIVE)
        assert await raw.answer()
        await asyncio.sleep(1.5)  # the header timeout is 1 s
        await raw.send(LIVE)
        assert await raw.answer()


async def test_body_sent_a_byte_at_a_time_ends_with_408(service: Service) -> None:
    """The request timeout holds for its body, too."""
    async with connection(service) as raw, asyncio.TaskGroup() as group:
        sending = group.create_task(dribble(raw, UPLOAD + b" " * 500))
        answer = await raw.answer()
        sending.cancel()
    assert answer
    assert answer.problem()["status"] == 408


async def test_slow_uploads_do_not_take_the_places_of_other_requests(service: Service) -> None:
    """Ten bodies on their way, two places: a request in between has its answer."""
    async with asyncio.TaskGroup() as group, httpx.AsyncClient() as client:

        async def upload() -> None:
            async with connection(service) as raw:
                await raw.send(UPLOAD)
                answer = await raw.answer()
                assert answer
                assert answer.status == 408

        uploads = [group.create_task(upload()) for _ in range(10)]
        for _ in range(20):
            assert (await client.get(f"{service.url}/api/v1/notes")).status_code == 200
        assert not any(task.done() for task in uploads)


async def test_body_that_goes_on_after_the_answer_is_cut(service: Service) -> None:
    """An early answer does not buy a client a connection for ever."""
    async with connection(service) as raw, asyncio.TaskGroup() as group:
        await raw.send(b"GET /nowhere HTTP/1.1\r\nHost: test\r\nContent-Length: 9999\r\n\r\n")
        answer = await raw.answer()
        assert answer
        assert answer.status == 404
        sending = group.create_task(dribble(raw, b" " * 9999))
        await raw.until_closed()
        sending.cancel()


async def test_answer_that_nobody_reads_is_cut(service: Service) -> None:
    """A client that stops reading does not keep its connection and what is written for it."""
    with closing(sqlite3.connect(service.directory / "test.db", isolation_level=None)) as database:
        now = "2026-01-01 00:00:00"
        rows = [(f"note {n}", "x" * 10_000, 1, now, now) for n in range(100)]
        insert = "INSERT INTO notes (title, body, version, created_at, updated_at) VALUES (?, ?, ?, ?, ?)"
        database.executemany(insert, rows)
    request = b"GET /api/v1/notes?limit=100 HTTP/1.1\r\nHost: test\r\n\r\n"  # 1 MB each
    async with connection(service) as raw:
        raw.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport as well
        deadline = time.monotonic() + 60
        while not raw.writer.is_closing():  # by the reset: this end never reads a close
            assert time.monotonic() < deadline
            raw.writer.write(request)
            await asyncio.sleep(0.1)


async def test_connection_that_waits_longest_makes_room_for_a_new_one(tmp_path: Path) -> None:
    """Idle ones of a greedy client go, long before their time is over; probes and requests find a place."""
    async with running(tmp_path, "serve", APP_HEADER_TIMEOUT_SECONDS="600", APP_MAX_CONNECTIONS="20") as service:
        await service.until_ready()
        idle = [await asyncio.open_connection("127.0.0.1", service.port) for _ in range(60)]
        async with httpx.AsyncClient() as client:
            for path in ("/health/live", "/health/ready"):
                assert (await client.get(service.url + path)).status_code == 200
        (first, _), (last, _) = idle[0], idle[-1]
        async with asyncio.timeout(LIMIT_SECONDS):
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await first.readexactly(1)
        assert not last.at_eof()
        for _, writer in idle:
            writer.transport.abort()


async def test_busy_connection_does_not_make_room(service: Service) -> None:
    """A request that the service is at work on is never cut for a newcomer."""
    with closing(sqlite3.connect(service.directory / "test.db", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        body = json.dumps({"title": "kept"}).encode()
        async with connection(service) as raw:
            await raw.send(UPLOAD.replace(b"500", str(len(body)).encode()) + body)
            await asyncio.sleep(0.2)  # until it waits for the lock; were it not there yet, the test would be weaker
            crowd = [await asyncio.open_connection("127.0.0.1", service.port) for _ in range(60)]
            database.execute("ROLLBACK")
            answer = await raw.answer()
            assert answer
            assert answer.status == 201
        for _, writer in crowd:
            writer.transport.abort()
