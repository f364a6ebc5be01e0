"""What no client should send and some do: malformed, huge, slow, unknown, endless."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from seatrial.host.ports import HOST

HUGE_BYTES = 1024 * 1024
BODY_BYTES = 8 * 1024 * 1024
SLOW_SECONDS = 4.0
COPIES = 5
ANSWER_SECONDS = 2.0


@dataclass(frozen=True)
class BadInput:
    """Bytes for a fresh connection; those of a slow one come over some seconds, and never to an end."""

    name: str
    sent: bytes
    slow: bool = False


INPUTS: Sequence[BadInput] = (
    BadInput("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    BadInput("malformed request line", b"GET\r\n\r\n"),
    BadInput("unknown method", b"FROBNICATE / HTTP/1.1\r\nHost: trial\r\n\r\n"),
    BadInput("unknown version", b"GET / HTTP/9.9\r\nHost: trial\r\n\r\n"),
    BadInput("no Host", b"GET / HTTP/1.1\r\n\r\n"),
    BadInput("negative length", b"POST / HTTP/1.1\r\nHost: trial\r\nContent-Length: -1\r\n\r\n"),
    BadInput("two lengths", b"POST / HTTP/1.1\r\nHost: trial\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    BadInput("bad chunk", b"POST / HTTP/1.1\r\nHost: trial\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    BadInput("huge header", b"GET / HTTP/1.1\r\nHost: trial\r\nX-Trial: " + b"x" * HUGE_BYTES + b"\r\n\r\n"),
    BadInput("huge target", b"GET /" + b"x" * HUGE_BYTES + b" HTTP/1.1\r\nHost: trial\r\n\r\n"),
    BadInput(
        "oversize body", b"POST / HTTP/1.1\r\nHost: trial\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * BODY_BYTES
    ),
    BadInput("slow headers", b"GET / HTTP/1.1\r\nHost: trial\r\nX-Trial: slow", slow=True),
    BadInput("slow body", b"POST / HTTP/1.1\r\nHost: trial\r\nContent-Length: 1000\r\n\r\nslowly", slow=True),
)


async def send(port: int, inputs: Sequence[BadInput] = INPUTS, copies: int = COPIES) -> int:
    """Send each some times, all at once, whatever the answers are; return how many there were."""
    async with asyncio.TaskGroup() as group:
        for each in inputs:
            for _ in range(copies):
                group.create_task(_one(port, each))
    return len(inputs) * copies


async def _one(port: int, given: BadInput) -> None:
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(SLOW_SECONDS + ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                if given.slow:
                    for at in range(len(given.sent)):
                        writer.write(given.sent[at : at + 1])
                        await writer.drain()
                        await asyncio.sleep(SLOW_SECONDS / len(given.sent))
                else:
                    writer.write(given.sent)
                    await writer.drain()
                    async with asyncio.timeout(ANSWER_SECONDS):
                        await reader.read()
            finally:
                writer.close()
