"""What surrounds a route: request ids, the access log, the body limit, closing connections, unforeseen errors, CORS."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI

from app import logs
from app.lifecycle import Lifecycle

NOTES = "/api/v1/notes"
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def overrides() -> dict[str, Any]:
    """Return a small body limit and an origin."""
    return {"max_body_bytes": 100, "allowed_origins": ("https://a.example",)}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Return a function that returns the access log's lines so far."""
    written: list[bytes] = []

    class Lines:
        def msg(self, line: bytes) -> None:
            written.append(line)

    monkeypatch.setattr(logs, "_lines", Lines())
    return lambda: [json.loads(line) for line in written]


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    """Return the application with a route that fails in a way nobody foresaw."""

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("password=hunter2")

    return app


@pytest.mark.parametrize("given", ["abc-123", "01J:x/y+z=@.~"[:-1], "x" * 128])
async def test_request_id_of_the_caller_is_kept(client: httpx.AsyncClient, given: str) -> None:
    """A caller finds its own id in the answer."""
    answer = await client.get("/health/live", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, 'a"b', "a\tb"])
async def test_request_id_is_made_when_the_callers_could_do_harm(client: httpx.AsyncClient, given: str) -> None:
    """Nothing odd gets into logs and headers."""
    answer = await client.get("/health/live", headers={"x-request-id": given})
    assert len(answer.headers["x-request-id"]) == 32


async def test_access_line_has_the_request_and_its_ids(client: httpx.AsyncClient, lines: Lines) -> None:
    """One line, with the caller's trace."""
    await client.get(f"{NOTES}/7?token=hunter2", headers={"x-request-id": "r1", "traceparent": TRACEPARENT})
    (line,) = lines()
    assert line.pop("duration_ms") > 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "event": "request",
        "method": "GET",
        "path": f"{NOTES}/7",
        "status": 404,
        "client": "127.0.0.1",
        "request_id": "r1",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "span_id": "00f067aa0ba902b7",
    }


@pytest.mark.parametrize("traceparent", ["", "00-xyz", TRACEPARENT.upper(), "00-" + "0" * 32 + "-00f067aa0ba902b7-01"])
async def test_traceparent_that_is_none_is_ignored(client: httpx.AsyncClient, lines: Lines, traceparent: str) -> None:
    """Only what the W3C's recommendation allows is taken."""
    await client.get(NOTES, headers={"traceparent": traceparent})
    assert "trace_id" not in lines()[0]


async def test_probe_that_succeeds_has_no_access_line(client: httpx.AsyncClient, lines: Lines) -> None:
    """A line every two seconds that says nothing hides those that do."""
    await client.get("/health/live")
    assert lines() == []


async def test_probe_that_fails_has_an_access_line(
    client: httpx.AsyncClient, lines: Lines, lifecycle: Lifecycle
) -> None:
    """What went wrong is never silenced."""
    lifecycle.begin_lame_duck(now=0, seconds=1)
    await client.get("/health/ready")
    assert lines()[0]["status"] == 503


async def test_body_over_the_limit_is_refused_by_its_length(client: httpx.AsyncClient) -> None:
    """413, and the connection closes: the rest of the body is not read."""
    answer = await client.post(NOTES, json={"title": "x", "body": "y" * 100})
    assert answer.status_code == answer.json()["status"] == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"


async def test_body_over_the_limit_is_refused_while_it_is_read(client: httpx.AsyncClient) -> None:
    """A body that does not say its length is counted."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 40

    answer = await client.post(NOTES, content=chunks(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


async def test_body_at_the_limit_is_read(client: httpx.AsyncClient) -> None:
    """The limit itself is allowed."""
    body = json.dumps({"title": "x"}).ljust(100)
    answer = await client.post(NOTES, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 201


async def test_answers_close_their_connections_in_the_lame_duck(
    client: httpx.AsyncClient, lifecycle: Lifecycle
) -> None:
    """Successes and errors alike, and none before."""
    assert "connection" not in (await client.get(NOTES)).headers
    lifecycle.begin_lame_duck(now=0, seconds=1)
    for path in (NOTES, "/nowhere", "/bug"):
        assert (await client.get(path)).headers["connection"] == "close"


async def test_unforeseen_error_is_answered_without_its_internals(client: httpx.AsyncClient) -> None:
    """500 with the request's id, under which the log has the traceback."""
    with structlog.testing.capture_logs() as captured:
        answer = await client.get("/bug", headers={"x-request-id": "r1"})
    assert answer.status_code == 500
    assert answer.json() == {"type": "about:blank", "title": "Internal Server Error", "status": 500, "request_id": "r1"}
    assert [(line["event"], line["log_level"]) for line in captured] == [("unhandled error", "error")]


async def test_concurrent_requests_keep_their_own_ids(client: httpx.AsyncClient, lines: Lines) -> None:
    """One request's id is never another's."""
    ids = [f"r{n}" for n in range(20)]
    answers = await asyncio.gather(
        *(client.get(f"{NOTES}/{n + 1}", headers={"x-request-id": f"r{n}"}) for n in range(20))
    )
    assert [answer.json()["request_id"] for answer in answers] == ids
    assert sorted(line["request_id"] for line in lines()) == sorted(ids)


async def test_what_a_route_adds_is_in_its_access_line(app: FastAPI, client: httpx.AsyncClient, lines: Lines) -> None:
    """And in no other request's."""

    @app.get("/tenant")
    async def tenant() -> None:
        logs.of_request()["tenant"] = "a"

    await client.get("/tenant")
    await client.get(NOTES)
    assert [line.get("tenant") for line in lines()] == ["a", None]


async def test_allowed_origin_may_read_the_answer(client: httpx.AsyncClient) -> None:
    """CORS for a configured origin, with the headers that a client needs."""
    answer = await client.get(NOTES, headers={"origin": "https://a.example"})
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    assert "ETag" in answer.headers["access-control-expose-headers"]


async def test_other_origin_may_not_read_the_answer(client: httpx.AsyncClient) -> None:
    """No CORS header for an origin that is not configured."""
    answer = await client.get(NOTES, headers={"origin": "https://b.example"})
    assert "access-control-allow-origin" not in answer.headers
