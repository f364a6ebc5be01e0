"""Trusted hosts: which Host headers are answered, and what is exempt."""

from typing import Any

import httpx
import pytest

NOTES = "/api/v1/notes"


@pytest.fixture
def overrides() -> dict[str, Any]:
    """Return one name, one domain, one address."""
    return {"trusted_hosts": ("api.example", "*.apps.example", "[::1]")}


@pytest.mark.parametrize(
    "host",
    ["api.example", "API.example:8443", "api.example.", "a.apps.example", "a.b.apps.example", "[::1]:80", "[0:0::0:1]"],
)
async def test_trusted_host_is_answered(client: httpx.AsyncClient, host: str) -> None:
    """With or without a port and a trailing dot, in any case, however an address is written."""
    assert (await client.get(NOTES, headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["", "evil.example", "apps.example", "xapi.example", "api.example.evil", "api.example:x", "a@api.example"]
)
async def test_other_host_is_refused(client: httpx.AsyncClient, host: str) -> None:
    """400 as a problem."""
    answer = await client.get(NOTES, headers={"host": host})
    assert answer.status_code == answer.json()["status"] == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_request_with_two_hosts_is_refused(client: httpx.AsyncClient) -> None:
    """What a proxy has looked at may have been the other one."""
    answer = await client.get(NOTES, headers=[("host", "api.example"), ("host", "evil.example")])
    assert answer.status_code == 400


async def test_probe_by_address_is_answered(client: httpx.AsyncClient) -> None:
    """The kubelet asks the pod's IP, of which no setting knows."""
    assert (await client.get("/health/live", headers={"host": "10.1.2.3:8000"})).status_code == 200
