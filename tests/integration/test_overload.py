"""More than the service can do: early refusals, and an end for what takes too long. The database is made to hang."""

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from seatrial.waiting import eventually
from tests.integration.raw import connection
from tests.integration.service import LIMIT_SECONDS, Service, migrated, running

NOTES = "/api/v1/notes"
REFUSED = re.compile(r'seatrial_http_requests_total{.*route="refused".*}')


@contextmanager
def writes_blocked(directory: Path) -> Iterator[None]:
    """Hold the database's write lock: writes wait, reads go on."""
    database = sqlite3.connect(directory / "test.db", isolation_level=None)
    try:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")
    finally:
        database.close()


async def started(directory: Path, **variables: str) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    """Yield a service and a client that does not give up."""
    await migrated(directory)
    async with running(directory, "serve", **variables) as service:
        await service.until_ready()
        async with httpx.AsyncClient(base_url=service.url, timeout=60) as client:
            yield service, client


@pytest.fixture
async def limited(tmp_path: Path) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    """Yield a service with room for two requests at work."""
    async for pair in started(tmp_path, APP_MAX_CONCURRENT_REQUESTS="2"):
        yield pair


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    """Yield a service whose requests may take a second."""
    async for pair in started(tmp_path, APP_REQUEST_TIMEOUT_SECONDS="1"):
        yield pair


async def test_request_beyond_the_limit_is_refused_at_once(limited: tuple[Service, httpx.AsyncClient]) -> None:
    """503 with Retry-After while probes succeed; who was admitted is answered, and then there is room again."""
    service, client = limited

    async def insist(title: str) -> httpx.Response:
        # The reads below may be in the way until both are admitted.
        while (answer := await client.post(NOTES, json={"title": title})).status_code == 503:
            pass
        return answer

    with writes_blocked(service.directory):
        admitted = [asyncio.create_task(insist(f"note {n}")) for n in range(2)]
        refused = await client.get(NOTES)
        while refused.status_code == 200:  # the two were not there yet
            refused = await client.get(NOTES)
        assert refused.status_code == refused.json()["status"] == 503
        assert refused.headers["retry-after"] == "2"
        for probe in ("live", "ready", "startup"):
            assert (await client.get(f"/health/{probe}")).status_code == 200
        assert not any(task.done() for task in admitted)
    assert [answer.status_code for answer in await asyncio.gather(*admitted)] == [201, 201]
    assert (await client.get(NOTES)).status_code == 200


async def refused(service: Service) -> float:
    """Return how many requests the metrics have as refused."""
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as client:
        lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if REFUSED.match(line))


async def ask(service: Service) -> tuple[int, bytes]:
    """Ask for notes on a connection of its own, with an id; return the status and the answer."""
    async with connection(service) as raw:
        await raw.send(b"GET /api/v1/notes HTTP/1.1\r\nHost: test\r\nX-Request-ID: mine\r\n\r\n")
        answer = await raw.answer()
    assert answer
    if answer.status == 503:
        assert answer.problem()["request_id"] == "mine"
        assert answer.headers["retry-after"] == "2"
    return answer.status, answer.body


async def test_probes_succeed_under_far_more_than_the_service_can_answer(tmp_path: Path) -> None:
    """Sixty clients that come again at once, where two requests are at work: some are answered, most are refused."""
    async for service, client in started(tmp_path, APP_MAX_CONCURRENT_REQUESTS="2"):
        answered: list[int] = []
        probed: list[int] = []

        async def insist(service: Service = service, answered: list[int] = answered) -> None:
            while True:
                answered.append((await ask(service))[0])

        clients = [asyncio.create_task(insist()) for _ in range(60)]
        async with asyncio.timeout(LIMIT_SECONDS):
            while answered.count(503) < 300 or len(probed) < 60:
                probed += [(await client.get(f"/health/{probe}")).status_code for probe in ("live", "ready", "startup")]
        assert not any(task.done() for task in clients)
        for task in clients:
            task.cancel()
        await asyncio.wait(clients)
        assert set(probed) == {200}
        assert 200 in answered
        assert service.printed("Booting worker") == 1


async def test_refusals_are_counted_exactly_and_told_by_a_line_a_second(
    limited: tuple[Service, httpx.AsyncClient],
) -> None:
    """The metrics have each, the log has their sum, and no access line has one."""
    service, client = limited
    with writes_blocked(service.directory):
        admitted = [asyncio.create_task(client.post(NOTES, json={"title": f"note {n}"})) for n in range(2)]
        statuses: list[int] = []
        async with asyncio.timeout(LIMIT_SECONDS):
            while statuses.count(503) < 30:
                statuses += [status for status, _ in await asyncio.gather(*(ask(service) for _ in range(10)))]
        assert not any(task.done() for task in admitted)
        assert await refused(service) == statuses.count(503)
        await eventually(
            lambda: (
                sum(line["count"] for line in service.events() if line["event"] == "requests refused")
                == statuses.count(503)
            ),
            LIMIT_SECONDS,
            "all refusals are told",
        )
        assert not [line for line in service.events() if line["event"] == "request" and line["status"] == 503]
    await asyncio.gather(*admitted)


async def test_request_that_waits_is_begun_when_a_place_gets_free(limited: tuple[Service, httpx.AsyncClient]) -> None:
    """A short wait is no reason to refuse."""
    service, client = limited
    with writes_blocked(service.directory):
        admitted = [asyncio.create_task(client.post(NOTES, json={"title": f"note {n}"})) for n in range(2)]
        waiting = asyncio.create_task(ask(service))
        await asyncio.sleep(0.05)  # less than anybody may wait
    assert (await waiting)[0] == 200
    assert {answer.status_code for answer in await asyncio.gather(*admitted)} == {201}


async def test_readiness_succeeds_while_requests_hold_every_connection_of_the_pool(tmp_path: Path) -> None:
    """The database answers: how busy the pool is tells nothing of it, and a lock would take all pods out of service."""
    async for service, client in started(tmp_path, APP_MAX_CONCURRENT_REQUESTS="50", APP_READINESS_CACHE_SECONDS="0"):
        with writes_blocked(service.directory):
            stuck = [asyncio.create_task(client.post(NOTES, json={"title": f"note {n}"})) for n in range(20)]
            metrics = ""
            while "seatrial_database_pool_checked_out 10.0" not in metrics:
                metrics = (await client.get("/metrics")).text
            for _ in range(10):
                answer = await client.get("/health/ready")
                assert (answer.status_code, answer.json()["dependencies"]) == (200, {"database": "ok"})
            assert not any(task.done() for task in stuck)
        assert {answer.status_code for answer in await asyncio.gather(*stuck)} <= {201, 503}


async def test_request_that_takes_too_long_is_cancelled(hasty: tuple[Service, httpx.AsyncClient]) -> None:
    """503 as a problem, long before what it waits for; what it held is free again, however often it happens."""
    service, client = hasty
    with writes_blocked(service.directory):
        for _ in range(3):  # 36 requests, where the pool has 10 connections
            answers = await asyncio.gather(*(client.post(NOTES, json={"title": f"note {n}"}) for n in range(12)))
            assert {answer.status_code for answer in answers} == {503}
            assert all(answer.headers["content-type"] == "application/problem+json" for answer in answers)
    deadline = time.monotonic() + 60
    statuses: list[int] = []
    while 201 not in statuses and time.monotonic() < deadline:
        statuses.append((await client.post(NOTES, json={"title": f"after {len(statuses)}"})).status_code)
    assert statuses[-1] == 201
    await service.until_ready()
    for _ in range(20):
        assert (await client.get(NOTES)).status_code == 200


async def test_request_within_the_timeout_is_answered(hasty: tuple[Service, httpx.AsyncClient]) -> None:
    """A short wait is no reason to cancel."""
    service, client = hasty
    with writes_blocked(service.directory):
        waiting = asyncio.create_task(client.post(NOTES, json={"title": "a note"}))
        await asyncio.sleep(0.2)
    assert (await waiting).status_code == 201


async def test_burst_is_answered_or_refused_but_never_dropped(limited: tuple[Service, httpx.AsyncClient]) -> None:
    """Two hundred at once, two places: 200 or 503 each, readiness stays, and the places are all free afterwards."""
    service, client = limited
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(base_url=service.url, timeout=60, limits=limits) as crowd:
        answers = await asyncio.gather(*(crowd.get(NOTES) for _ in range(200)))
        assert {answer.status_code for answer in answers} <= {200, 503}
        assert sum(answer.status_code == 200 for answer in answers) >= 2
    await service.until_ready()
    assert [(await client.get(NOTES)).status_code for _ in range(5)] == [200] * 5


async def client_in_access_log(directory: Path, forwarded_for: str, **variables: str) -> str:
    """Return whom the access log has for a request with that X-Forwarded-For."""
    async for service, client in started(directory, **variables):
        await client.get(NOTES, headers={"x-forwarded-for": forwarded_for})
        await service.until_printed('"request"')
        (logged,) = [line["client"] for line in service.events() if line["event"] == "request"]
    return str(logged)


async def test_forwarded_address_is_believed_from_a_trusted_proxy(tmp_path: Path) -> None:
    """The access log has the client that the proxy names, the last one that is no proxy itself."""
    chain = "6.6.6.6, 203.0.113.7, 10.1.2.3"
    logged = await client_in_access_log(tmp_path, chain, APP_TRUSTED_PROXIES="127.0.0.0/8,10.0.0.0/8")
    assert logged == "203.0.113.7"


@pytest.mark.parametrize("variables", [{}, {"APP_TRUSTED_PROXIES": "10.0.0.0/8"}, {"FORWARDED_ALLOW_IPS": "*"}])
async def test_forwarded_address_is_not_believed_from_others(tmp_path: Path, variables: dict[str, str]) -> None:
    """Anybody can send the header; a server's own variable for it counts for nothing."""
    assert await client_in_access_log(tmp_path, "203.0.113.7", **variables) == "127.0.0.1"
