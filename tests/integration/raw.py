"""A connection on which a test writes any bytes, and what comes back on it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from tests.integration.service import LIMIT_SECONDS, Service

LIVE = b"GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """One answer: its status, headers by lower-case name, and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def problem(self) -> dict[str, Any]:
        """Return the problem's members after having checked that it is one."""
        assert self.headers["content-type"] == "application/problem+json"
        members: dict[str, Any] = json.loads(self.body)
        assert members["status"] == self.status
        assert members["request_id"] == self.headers["x-request-id"]
        return members


class Raw:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Write, also when the other side has closed meanwhile."""
        with suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def answer(self) -> Answer | None:
        """Return the next answer, or None for a connection that was closed or reset instead."""
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        return Answer(int(head[0].split(" ")[1]), headers, body)

    async def until_closed(self) -> bytes:
        """Wait until the other side closes, and return what it has sent until then."""
        received = b""
        async with asyncio.timeout(LIMIT_SECONDS):
            with suppress(ConnectionError):
                while data := await self.reader.read(65536):
                    received += data
        return received


@asynccontextmanager
async def connection(service: Service) -> AsyncIterator[Raw]:
    """Open a connection to the service."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


async def dribble(raw: Raw, data: bytes) -> None:
    """Send a byte at a time, for as long as somebody takes them."""
    for byte in data:
        if raw.writer.is_closing():
            return
        await raw.send(bytes((byte,)))
        await asyncio.sleep(0.02)
