"""A request that is in flight for as long as a test likes: a note whose second half is still to be sent."""

import asyncio

from tests.integration.service import Service

BODY = b'{"title": "slow", "body": "%s"}' % (b"x" * 1000)


async def begin_upload(service: Service) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a request's head and half of its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    headers = f"Host: test\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}"
    writer.write(f"POST /api/v1/notes HTTP/1.1\r\n{headers}\r\n\r\n".encode() + BODY[:500])
    await writer.drain()
    return reader, writer


def end_upload(writer: asyncio.StreamWriter) -> None:
    """Send the rest of it."""
    writer.write(BODY[500:])
