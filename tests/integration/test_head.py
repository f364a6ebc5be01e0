"""HEAD on the wire, where the server leaves the body away."""

from pathlib import Path

import pytest

from tests.integration.raw import LIVE, connection
from tests.integration.service import running


@pytest.mark.parametrize("target", ["/health/live", "/metrics", "/docs/swagger-ui.css", "/api/v1/notes", "/nowhere"])
async def test_head_leaves_the_connection_as_get_does(tmp_path: Path, target: str) -> None:
    """No byte of a body, which the client would take for the next answer."""
    async with running(tmp_path, "serve") as service:
        await service.until_ready()
        async with connection(service) as raw:
            await raw.send(f"HEAD {target} HTTP/1.1\r\nHost: test\r\n\r\n".encode() + LIVE)
            head = await raw.reader.readuntil(b"\r\n\r\n")
            assert b"content-length: " in head.lower()
            assert (await raw.reader.readline()) == b"HTTP/1.1 200 OK\r\n"
