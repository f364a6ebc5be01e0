"""HEAD: wherever GET is, with the same status and headers."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Response
from prometheus_client import generate_latest

NOTES = "/api/v1/notes"


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    """Return the application with routes of a fork."""

    @app.get("/fork/{name}")
    async def fork(name: str) -> dict[str, str]:
        return {"name": name}

    @app.head("/own")
    async def own_head() -> Response:
        return Response(headers={"x-own": "head"})

    @app.get("/own")
    async def own_get() -> Response:
        return Response("own", headers={"x-own": "get"})

    return app


@pytest.mark.parametrize(
    "path",
    [
        *("/health/live", "/health/ready", "/health/startup", "/metrics", "/docs", "/docs/start.js"),
        *("/docs/swagger-ui.css", "/openapi.json", NOTES, f"{NOTES}/1", f"{NOTES}/2", f"{NOTES}?limit=0"),
        *("/fork/x", "/nowhere"),
    ],
)
async def test_head_is_get_without_its_body(client: httpx.AsyncClient, path: str) -> None:
    """Probes, pages, resources, errors and a fork's routes."""
    await client.post(NOTES, json={"title": "x"})
    headers = {"x-request-id": "r1"}
    get, head = await client.get(path, headers=headers), await client.head(path, headers=headers)
    volatile = ("date", "content-length") if path == "/metrics" else ("date",)
    assert head.status_code == get.status_code
    assert {name: value for name, value in head.headers.items() if name not in volatile} == {
        name: value for name, value in get.headers.items() if name not in volatile
    }


async def test_head_is_told_as_head(client: httpx.AsyncClient, app: FastAPI) -> None:
    """The metrics know it from GET, and of which route it was."""
    await client.head(f"{NOTES}/7")
    text = generate_latest(app.state.metrics.registry).decode()
    assert f'http_requests_total{{method="HEAD",route="{NOTES}/{{note_id}}",status="404"}} 1.0' in text
    assert 'method="GET"' not in text


async def test_route_of_its_own_for_head_answers_it(client: httpx.AsyncClient) -> None:
    """Who has written one means it."""
    assert (await client.head("/own")).headers["x-own"] == "head"
    assert (await client.get("/own")).headers["x-own"] == "get"


async def test_path_without_get_has_no_head(client: httpx.AsyncClient, app: FastAPI) -> None:
    """405, and `Allow` names HEAD where GET is, and only there."""

    @app.post("/inbox")
    async def inbox() -> None: ...

    answer = await client.head("/inbox")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    answer = await client.patch(f"{NOTES}/1")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, PUT, DELETE")


def test_document_lists_no_head(app: FastAPI) -> None:
    """It would say everything twice."""
    operations: Callable[[Any], list[str]] = list
    assert all("head" not in operations(path) for name, path in app.openapi()["paths"].items() if name != "/own")
