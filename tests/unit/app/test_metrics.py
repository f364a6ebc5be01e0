"""What /metrics says, and that no client can make it say more."""

import asyncio
import string
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings, strategies
from prometheus_client.parser import text_string_to_metric_families

from app.lifecycle import Lifecycle
from app.metrics import METHODS, Metrics

NOTES = "/api/v1/notes"
ROUTES = {NOTES, f"{NOTES}/{{note_id}}", "/docs", "/docs/{name}", "/docs/start.js", "unmatched"}

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def scrape(client: httpx.AsyncClient) -> Samples:
    """Return the samples by their name and labels."""
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(samples: Samples, name: str, **labels: str) -> float | None:
    """Return one sample's value, None if there is none."""
    return samples.get((f"seatrial_{name}", frozenset(labels.items())))


async def test_requests_are_counted_by_the_template_of_their_route(client: httpx.AsyncClient) -> None:
    """Two notes, one route; the paths are nowhere."""
    for note_id in (7, 8):
        await client.get(f"{NOTES}/{note_id}")
    samples = await scrape(client)
    labels = {"method": "GET", "route": f"{NOTES}/{{note_id}}"}
    assert value(samples, "http_requests_total", **labels, status="404") == 2
    assert value(samples, "http_request_duration_seconds_count", **labels) == 2
    assert value(samples, "http_request_duration_seconds_bucket", **labels, le="+Inf") == 2
    assert not [labels for _, labels in samples if ("route", f"{NOTES}/7") in labels]


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health/startup", "/metrics"])
async def test_probes_and_scrapes_are_not_counted(client: httpx.AsyncClient, path: str) -> None:
    """What comes at a steady rate would hide what users see."""
    await client.get(path)
    assert not [name for name, _ in await scrape(client) if name == "seatrial_http_requests_total"]


async def test_unknown_path_below_health_is_counted(client: httpx.AsyncClient) -> None:
    """Only the endpoints themselves are left out."""
    await client.get("/health/guess")
    samples = await scrape(client)
    assert value(samples, "http_requests_total", method="GET", route="unmatched", status="404") == 1


@given(
    method=strategies.text(string.ascii_uppercase, min_size=1, max_size=12),
    path=strategies.text(string.ascii_letters + string.digits + "/.%-_~ \x00é", max_size=40),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_labels_are_bounded_whatever_a_client_sends(app: FastAPI, method: str, path: str) -> None:
    """Random methods and paths: the routes' templates, the known methods, and one name each for the rest."""

    async def send() -> None:
        scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": f"/{path}",
            "headers": [],
        }
        scope |= {"query_string": b"", "root_path": "", "scheme": "http", "server": ("test", 80), "client": None}

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def ignore(message: object) -> None:
            del message

        await app(scope, receive, ignore)

    asyncio.run(send())
    metrics: Metrics = app.state.metrics
    samples = [sample for family in metrics.registry.collect() for sample in family.samples]
    labels = [sample.labels for sample in samples if "route" in sample.labels]
    assert {each["route"] for each in labels} <= ROUTES
    assert {each["method"] for each in labels} <= {*METHODS, "other"}


async def test_request_is_in_flight_until_it_is_answered(app: FastAPI, client: httpx.AsyncClient) -> None:
    """One while it waits, none before and after; also when it fails."""
    arrived, leave = asyncio.Event(), asyncio.Event()

    @app.get("/wait")
    async def wait() -> None:
        arrived.set()
        await leave.wait()
        raise RuntimeError("in vain")

    assert value(await scrape(client), "http_requests_in_flight") == 0
    request = asyncio.create_task(client.get("/wait"))
    await arrived.wait()
    assert value(await scrape(client), "http_requests_in_flight") == 1
    leave.set()
    assert (await request).status_code == 500
    assert value(await scrape(client), "http_requests_in_flight") == 0


async def test_requests_of_one_turn_are_counted_at_its_end() -> None:
    """Each in its bucket, and none before."""
    metrics = Metrics(version="0", revision="unknown")
    metrics.count_by_turns(asyncio.get_running_loop())
    for seconds in (0.001, 0.002, 0.002, 60.0):
        metrics.request_answered("GET", NOTES, 200, seconds)

    def found(name: str, **labels: str) -> float | None:
        labels |= {"method": "GET", "route": NOTES}
        return metrics.registry.get_sample_value(f"seatrial_http_{name}", labels)

    assert found("requests_total", status="200") is None
    await asyncio.sleep(0)
    assert found("requests_total", status="200") == found("request_duration_seconds_count") == 4
    assert found("request_duration_seconds_sum") == pytest.approx(60.005)
    assert found("request_duration_seconds_bucket", le="0.001") == 1
    assert found("request_duration_seconds_bucket", le="0.0025") == 3
    assert found("request_duration_seconds_bucket", le="10.0") == 3


async def test_refusals_of_one_turn_are_counted_at_its_end() -> None:
    """Also with requests that are answered in the same turn, and again in the next."""
    metrics = Metrics(version="0", revision="unknown")
    metrics.count_by_turns(asyncio.get_running_loop())

    def found(route: str, status: int) -> float | None:
        labels = {"method": "GET", "route": route, "status": str(status)}
        return metrics.registry.get_sample_value("seatrial_http_requests_total", labels)

    for turn in (1, 2):
        before = found("refused", 503)
        metrics.request_refused("GET", 503)
        metrics.request_answered("GET", NOTES, 200, 0.001)
        metrics.request_refused("GET", 503)
        assert found("refused", 503) == before
        await asyncio.sleep(0)
        assert found("refused", 503) == 2 * turn
        assert found(NOTES, 200) == turn


async def test_pool_shows_connections_in_use_and_the_time_to_get_one(app: FastAPI, client: httpx.AsyncClient) -> None:
    """Above its size is overflow; what is given back is not in use."""
    async with asyncio.TaskGroup() as group:
        released = asyncio.Event()
        taken = asyncio.Semaphore(0)

        async def hold() -> None:
            async with app.state.database.engine.connect():
                taken.release()
                await released.wait()

        for _ in range(6):
            group.create_task(hold())
        for _ in range(6):
            await taken.acquire()
        samples = await scrape(client)
        assert value(samples, "database_pool_size") == 5
        assert value(samples, "database_pool_limit") == 10
        assert value(samples, "database_pool_checked_out") == 6
        assert value(samples, "database_pool_overflow") == 1
        assert (value(samples, "database_pool_acquire_seconds_count") or 0) >= 6
        released.set()
    samples = await scrape(client)
    assert value(samples, "database_pool_checked_out") == value(samples, "database_pool_overflow") == 0


async def test_worker_is_shown_in_its_phase(client: httpx.AsyncClient, lifecycle: Lifecycle) -> None:
    """Ready, then a lame duck: one phase at a time."""
    samples = await scrape(client)
    assert (value(samples, "workers", phase="ready"), value(samples, "workers", phase="lame_duck")) == (1, 0)
    lifecycle.begin_lame_duck(now=0, seconds=1)
    samples = await scrape(client)
    assert (value(samples, "workers", phase="ready"), value(samples, "workers", phase="lame_duck")) == (0, 1)


async def test_dependency_is_shown_as_readiness_last_saw_it(client: httpx.AsyncClient) -> None:
    """Nothing is said of it before it was asked."""
    assert value(await scrape(client), "dependency_up", dependency="database") is None
    await client.get("/health/ready")
    assert value(await scrape(client), "dependency_up", dependency="database") == 1


async def test_build_is_shown(client: httpx.AsyncClient) -> None:
    """Its version and revision are labels of a constant."""
    assert value(await scrape(client), "build_info", version="0", revision="unknown") == 1
