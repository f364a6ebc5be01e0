"""Addresses behind a proxy: its scheme, host and path are the client's."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse

NOTES = "/api/v1/notes"


@pytest.fixture(params=["", "/below/this"])
def root_path(request: pytest.FixtureRequest) -> str:
    """Return where a proxy serves the API."""
    path: str = request.param
    return path


@pytest.fixture(params=["left", "taken"])
def sent(request: pytest.FixtureRequest, root_path: str) -> str:
    """Return what of it is in the requests: the proxy leaves it there, or takes it away."""
    return root_path if request.param == "left" else ""


@pytest.fixture
def overrides(root_path: str) -> dict[str, Any]:
    """Return it as a setting."""
    return {"root_path": root_path}


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    """Return the application with routes of a fork that redirect."""

    @app.get("/slash/")
    async def slash() -> None: ...

    @app.get("/away")
    async def away(request: Request, to: str = "") -> RedirectResponse:
        return RedirectResponse(to or str(request.url_for("slash")))

    return app


async def test_created_note_is_where_its_location_says(client: httpx.AsyncClient, root_path: str, sent: str) -> None:
    """A path from the root of the client's host."""
    answer = await client.post(f"{sent}{NOTES}", json={"title": "x"})
    assert answer.headers["location"] == f"{root_path}{NOTES}/1"
    assert (await client.get(answer.headers["location"])).status_code == 200


@pytest.mark.parametrize(("path", "to"), [(f"{NOTES}/?limit=1", f"{NOTES}?limit=1"), ("/slash", "/slash/")])
async def test_redirect_to_a_slash_names_no_scheme_and_no_host(
    client: httpx.AsyncClient, root_path: str, sent: str, path: str, to: str
) -> None:
    """Behind TLS, http:// would be nobody's address; the method and the body stay."""
    answer = await client.get(f"{sent}{path}")
    assert (answer.status_code, answer.headers["location"]) == (307, f"{root_path}{to}")
    assert (await client.get(answer.headers["location"])).status_code == 200


async def test_redirect_of_a_route_names_no_scheme_and_no_host(
    client: httpx.AsyncClient, root_path: str, sent: str
) -> None:
    """`url_for` knows only how the proxy connects."""
    answer = await client.get(f"{sent}/away", headers={"host": "API.example.com:8443"})
    assert answer.headers["location"] == f"{root_path}/slash/"


@pytest.mark.parametrize("to", ["https://other.example/x", "http://test.evil.example/", "http://test//evil.example/x"])
async def test_redirect_to_elsewhere_is_left_alone(client: httpx.AsyncClient, to: str) -> None:
    """Another host, and what would become one."""
    assert (await client.get("/away", params={"to": to})).headers["location"] == to


@pytest.mark.parametrize("path", ["//evil.example/", "//", "/nowhere/", "/nowhere"])
async def test_path_of_no_route_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    """With a slash or without; never a redirect to another host."""
    assert (await client.get(f"http://test{path}")).status_code == 404


async def test_document_and_its_page_are_below_the_path(client: httpx.AsyncClient, root_path: str, sent: str) -> None:
    """The document names the path as its server, and the page's addresses are relative."""
    document = (await client.get(f"{sent}/openapi.json")).json()
    assert document.get("servers", []) == ([{"url": root_path}] if root_path else [])
    page = (await client.get(f"{sent}/docs")).text
    assert 'src="docs/start.js"' in page
    assert (await client.get(f"{sent}/docs/start.js")).status_code == 200


async def test_probes_need_no_path_before_theirs(client: httpx.AsyncClient) -> None:
    """They come past the proxy."""
    assert (await client.get("/health/ready")).status_code == 200
