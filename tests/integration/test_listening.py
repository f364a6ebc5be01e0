"""Where the service listens: the real process, asked by IPv4 and by IPv6."""

from pathlib import Path

import httpx
import pytest

from app.serving.listening import has_ipv6
from tests.integration.service import Service, migrated, running

LOOPBACK = {4: "127.0.0.1", 6: "::1"}


def asked_by(service: Service, address: str) -> str:
    """Return the URL of the service at an address."""
    return f"http://[{address}]:{service.port}" if ":" in address else f"http://{address}:{service.port}"


async def answers(service: Service, address: str) -> bool:
    """Return whether the service answers at an address."""
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{asked_by(service, address)}/health/live")).is_success
        except httpx.ConnectError:
            return False


@pytest.mark.parametrize(
    ("host", "versions"),
    [
        ("::", {4, 6}),
        ("[::]", {4, 6}),
        ("0.0.0.0", {4}),  # noqa: S104 - it is what somebody may set
        ("::1", {6}),
        ("127.0.0.1", {4}),
    ],
)
async def test_service_listens_where_it_is_told_to(tmp_path: Path, host: str, versions: set[int]) -> None:
    """Every address is that of both versions, where the machine has both."""
    if not has_ipv6():
        if 4 not in versions:
            pytest.skip("this machine has no IPv6")
        versions = versions & {4}
    async with running(tmp_path, "serve", APP_HOST=host) as service:
        await service.until_printed("Application startup complete")
        assert {version for version, address in LOOPBACK.items() if await answers(service, address)} == versions


async def test_ipv4_client_has_its_ipv4_address(tmp_path: Path) -> None:
    """In the log, and when the proxies are looked for whose word about clients counts."""
    await migrated(tmp_path)
    async with running(tmp_path, "serve", APP_HOST="::", APP_TRUSTED_PROXIES="127.0.0.0/8,10.0.0.0/8") as service:
        await service.until_ready()
        async with httpx.AsyncClient(base_url=service.url) as client:
            for forwarded in ({}, {"X-Forwarded-For": "192.0.2.7, ::ffff:10.1.2.3"}):
                assert (await client.get("/api/v1/notes", headers=forwarded)).is_success
        await service.until_printed('"event":"request"', 2)
        clients = [line["client"] for line in service.events() if line["event"] == "request"]
    assert clients == ["127.0.0.1", "192.0.2.7"]
