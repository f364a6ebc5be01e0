"""The documentation's endpoints, and the headers that every answer has."""

from typing import Any

import httpx
import pytest

NOTES = "/api/v1/notes"


class TestSwitchedOff:
    """`APP_DOCS=false`."""

    @pytest.fixture
    def overrides(self) -> dict[str, Any]:
        """Return the setting."""
        return {"docs": False}

    @pytest.mark.parametrize(
        "path", ["/docs", "/docs/start.js", "/docs/swagger-ui-bundle.js", "/openapi.json", "/redoc"]
    )
    async def test_nothing_of_it_is_served(self, client: httpx.AsyncClient, path: str) -> None:
        """Neither the pages nor the schema."""
        assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/docs", "/docs/start.js", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"])
async def test_documentation_is_served_under_a_strict_policy(client: httpx.AsyncClient, path: str) -> None:
    """Nothing but its own files, and nothing unsafe."""
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers.get_list("content-security-policy") == [answer.headers["content-security-policy"]]


@pytest.mark.parametrize("name", ["redoc.standalone.js", "..%2Fcore.py", "%2Fetc%2Fpasswd", "x"])
async def test_other_files_are_not_served(client: httpx.AsyncClient, name: str) -> None:
    """What the package has besides is nobody's business."""
    assert (await client.get(f"/docs/{name}")).status_code == 404


@pytest.mark.parametrize("path", [NOTES, f"{NOTES}/1", "/nowhere", "/health/live", "/openapi.json"])
async def test_every_other_answer_is_no_page(client: httpx.AsyncClient, path: str) -> None:
    """Errors included: not stored, not sniffed, not framed."""
    headers = (await client.get(path)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


async def test_note_may_be_kept_if_it_is_asked_for_again(client: httpx.AsyncClient) -> None:
    """Its ETag would be of no use to a client that may not store it."""
    created = await client.post(NOTES, json={"title": "Ballast"})
    read = await client.get(created.headers["location"])
    assert read.headers["cache-control"] == "private, no-cache"
    again = await client.get(created.headers["location"], headers={"if-none-match": read.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, "private, no-cache")
