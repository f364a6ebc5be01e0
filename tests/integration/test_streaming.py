"""Streams and background tasks: their time is not the request's, their places are their own, and they end well."""

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from seatrial.waiting import eventually
from tests.integration.forked import CHUNK, CHUNKS
from tests.integration.raw import Raw, connection
from tests.integration.service import LIMIT_SECONDS, Service, migrated, running

EVENT = b"data: x\n\n"
VARIABLES = {
    "APP_REQUEST_TIMEOUT_SECONDS": "1",
    "APP_KEEP_ALIVE_SECONDS": "2",
    "APP_LAME_DUCK_SECONDS": "1",
    "APP_LINGER_SECONDS": "0",
    "APP_DRAIN_SECONDS": "3",
    "APP_MAX_CONCURRENT_REQUESTS": "2",
    "APP_MAX_CONNECTIONS": "10",
}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """Yield a service with a fork's routes, whose requests may take a second."""
    await migrated(tmp_path)
    async with running(tmp_path, "serve", module="tests.integration.forked", **VARIABLES) as started:
        await started.until_ready()
        yield started


async def ask(raw: Raw, path: str) -> None:
    """Send a request for a path below /fork."""
    await raw.send(b"GET /fork/%b HTTP/1.1\r\nHost: test\r\n\r\n" % path.encode())


async def until_received(raw: Raw, text: bytes, count: int = 1) -> None:
    """Read until `text` has come so many times."""
    async with asyncio.timeout(LIMIT_SECONDS):
        for _ in range(count):
            await raw.reader.readuntil(text)


async def in_flight(service: Service) -> float:
    """Return how many requests the service says that it is answering."""
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"{service.url}/metrics")).text
    found = re.search(r"^seatrial_http_requests_in_flight (\S+)$", text, re.MULTILINE)
    assert found
    return float(found[1])


async def test_event_stream_outlives_the_request_timeout(service: Service) -> None:
    """Events go on to come after thrice the time that a request may take."""
    async with connection(service) as raw:
        await ask(raw, "events")
        await until_received(raw, EVENT, 30)
    await service.until_printed('"/fork/events"')
    assert not [line for line in service.events() if line["level"] != "info"]


async def test_stream_that_sends_nothing_is_cut(service: Service) -> None:
    """After the keep-alive timeout, with a line that says so; the body is not ended as if it were whole."""
    async with connection(service) as raw:
        await ask(raw, "events?every_seconds=600")
        received = await raw.until_closed()
    assert received.endswith(EVENT + b"\r\n")
    await service.until_printed("answer cut")
    (line,) = [line for line in service.events() if line["event"] == "answer cut"]
    assert line["reason"] == "it sent nothing for 2 s"


async def test_client_that_reads_slowly_has_its_whole_file(service: Service) -> None:
    """A steady reader is never cut, though the file takes several times as long as a request may."""
    async with connection(service) as raw:
        await ask(raw, "file")
        received = bytearray()
        async with asyncio.timeout(LIMIT_SECONDS):
            while not received.endswith(b"\r\n0\r\n\r\n"):
                received += await raw.reader.read(2 * len(CHUNK))
                await asyncio.sleep(0.05)
    assert received.count(CHUNK) == CHUNKS


async def test_streams_do_not_take_the_places_of_requests(service: Service) -> None:
    """Five streams, two places for requests: the next request is answered, the sixth stream is 503."""
    async with AsyncExitStack() as stack:
        for _ in range(5):
            raw = await stack.enter_async_context(connection(service))
            await ask(raw, "events")
            await until_received(raw, EVENT)
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{service.url}/api/v1/notes")).status_code == 200
            assert "\nseatrial_http_streams 5.0\n" in (await client.get(f"{service.url}/metrics")).text
        sixth = await stack.enter_async_context(connection(service))
        await ask(sixth, "events")
        refused = await sixth.answer()
        assert refused
        assert refused.problem()["status"] == 503
        assert refused.headers["retry-after"] == "2"


async def test_client_that_left_has_ended_its_stream(service: Service) -> None:
    """The gauge is back and its place is free: more than there are places come and go, one after the other."""
    for _ in range(7):
        async with connection(service) as raw:
            await ask(raw, "events")
            await until_received(raw, EVENT)
        async with asyncio.timeout(LIMIT_SECONDS):
            while await in_flight(service):  # noqa: ASYNC110 - another process's gauge
                await asyncio.sleep(0.1)


async def test_event_stream_ends_in_good_order_at_sigterm(service: Service) -> None:
    """The client sees the end of the body, not a reset; the service does not wait for it in vain."""
    async with connection(service) as raw:
        await ask(raw, "events")
        await until_received(raw, EVENT)
        service.process.send_signal(signal.SIGTERM)
        received = await raw.until_closed()
    assert received.endswith(EVENT + b"\r\n0\r\n\r\n")
    assert await service.exit_code() == 0
    assert not [line for line in service.events() if line["level"] in ("warning", "error")]


@pytest.mark.parametrize(("pause", "whole"), [("1.5", True), ("600", False)])
async def test_file_has_the_drain_to_be_whole_or_is_cut(service: Service, pause: str, *, whole: bool) -> None:
    """A file that is cut must not look whole: only what was sent as a whole ends in good order."""
    async with connection(service) as raw:
        await ask(raw, f"file?pause_seconds={pause}")
        await until_received(raw, CHUNK)
        service.process.send_signal(signal.SIGTERM)
        received = await raw.until_closed()
    assert received.endswith(b"\r\n0\r\n\r\n") is whole
    assert await service.exit_code() == 0


async def test_background_task_is_not_the_requests_time(service: Service) -> None:
    """It is done though it takes longer than a request may; the access line is there before, with the answer's time."""
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{service.url}/fork/task?seconds=2")).status_code == 200
    await service.until_printed('"/fork/task"')
    assert not service.printed("task done")
    await service.until_printed("task done")
    lines = [json.loads(line) for line in service.lines if line.startswith("{")]
    (line,) = [line for line in lines if line.get("path") == "/fork/task"]
    assert line["duration_ms"] < 2000
    assert not [line for line in lines if line["level"] != "info"]


async def test_background_tasks_have_places_of_their_own(service: Service) -> None:
    """Two of them, with two places for requests: the next request is answered. Two more cost requests theirs."""
    async with httpx.AsyncClient(base_url=service.url) as client:
        for expected in (200, 503):
            for _ in range(2):
                assert (await client.get("/fork/task?seconds=600")).status_code == 200
            assert (await client.get("/api/v1/notes")).status_code == expected


@pytest.mark.parametrize("seconds", ["2", "600"])
async def test_background_task_has_the_drain_to_be_done(service: Service, seconds: str) -> None:
    """One that is too long is cut, with a line that says so."""
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{service.url}/fork/task?seconds={seconds}")).status_code == 200
    service.process.send_signal(signal.SIGTERM)
    assert await service.exit_code() == 0
    assert service.printed("task done") == (seconds == "2")
    assert service.printed("background task cut") == (seconds == "600")


async def test_background_task_that_fails_is_logged_once(service: Service) -> None:
    """By its own name, with its traceback; the connection of the answered request stays."""
    async with connection(service) as raw:
        for _ in range(2):
            await ask(raw, "failing-task")
            answer = await raw.answer()
            assert answer
            assert answer.status == 200
    await service.until_printed("failed behind the answer", 2)
    await eventually(lambda: service.printed('"request"') == 2, LIMIT_SECONDS, "two access lines")
    errors = [line for line in service.events() if line["level"] == "error"]
    assert [line["event"] for line in errors] == ["background task failed"] * 2


async def test_stream_to_http_1_0_ends_with_its_connection(service: Service) -> None:
    """That version knows no chunks; HTTP/1.1 has them."""
    answers = []
    for version in (b"1.0", b"1.1"):
        async with connection(service) as raw:
            await raw.send(b"GET /fork/file HTTP/%b\r\nHost: test\r\nConnection: close\r\n\r\n" % version)
            async with asyncio.timeout(LIMIT_SECONDS):
                head, _, body = (await raw.reader.read(-1)).partition(b"\r\n\r\n")
        answers.append((b"transfer-encoding: chunked" in head, body == CHUNK * CHUNKS))
    assert answers == [(False, True), (True, False)]


async def test_answer_of_known_length_to_http_1_0_says_it(service: Service) -> None:
    """Most answers: their client need not guess whether the connection's end was the answer's."""
    async with connection(service) as raw:
        await raw.send(b"GET /api/v1/notes HTTP/1.0\r\n\r\n")
        async with asyncio.timeout(LIMIT_SECONDS):
            head, _, body = (await raw.reader.read(-1)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"content-length: %d" % len(body) in head
