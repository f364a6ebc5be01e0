"""The end of a connection on a real socket: what a client sees of its last answer, and what is told of it."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send
from uvicorn.server import ServerState

from app.lifecycle import Lifecycle
from app.middleware.exchange import ExchangeMiddleware
from app.middleware.observation import Observation
from app.serving.protocol import LimitedProtocol
from seatrial.waiting import eventually
from tests.integration.raw import Raw
from tests.integration.service import LIMIT_SECONDS
from tests.serving import parts
from tests.settings import settings_of

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n"
MEGABYTES = 8 * 1024 * 1024


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Run these on the event loop that the service runs on: how a connection ends is its business."""
    return "asyncio", {"use_uvloop": True}


class Told(Observation):
    """What was told of each request: its status."""

    def __init__(self) -> None:
        self.statuses: list[int] = []

    def begin(self, scope: Scope) -> None:
        """Wait for the end."""

    def end(self, scope: Scope, status: int, seconds: float) -> None:  # noqa: ARG002 - as the parent has it
        """Note the status."""
        self.statuses.append(status)


class Answers:
    """An application whose answers a test times: `begun` when it is asked, `may_begin` and `may_end` when it may."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.may_begin = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_begin.set()
        self.may_end.set()
        self.headers: list[tuple[bytes, bytes]] = []
        self.reads_body = False

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        self.begun.set()
        while self.reads_body:
            message: Message = await receive()
            if not message.get("more_body"):
                break
        await self.may_begin.wait()
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        await send({"type": "http.response.body", "body": b"first,", "more_body": True})
        await self.may_end.wait()
        await send({"type": "http.response.body", "body": b"last"})


class Connection(LimitedProtocol):
    """One that tells when its client was seen to have stopped sending, or to have left."""

    noticed: asyncio.Event

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio's own
        """Tell."""
        self.noticed.set()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell."""
        self.noticed.set()
        super().connection_lost(exc)


class Server:
    """One worker's side of its connections."""

    def __init__(self) -> None:
        self.answers = Answers()
        self.told = Told()
        self.lifecycle = Lifecycle()
        self.state = ServerState()
        self.noticed = asyncio.Event()
        self.settings = settings_of()
        self.port = 0

    def protocol(self) -> Connection:
        """Return one connection's."""
        app = ExchangeMiddleware(self.answers, lifecycle=self.lifecycle, observation=self.told)
        config = uvicorn.Config(app, lifespan="off", ws="none", log_config=None)
        connection = Connection(
            config=config, server_state=self.state, app_state={}, **parts(self.settings, self.lifecycle)
        )
        connection.noticed = self.noticed
        return connection

    async def until_told(self, *statuses: int) -> None:
        """Wait until requests have ended with these."""
        await eventually(lambda: len(self.told.statuses) == len(statuses), LIMIT_SECONDS, f"told {statuses}")
        assert self.told.statuses == list(statuses)

    async def until_closed(self) -> None:
        """Wait until no connection is left, and none of its timers matters any more."""
        await eventually(lambda: not self.state.connections, LIMIT_SECONDS, "no connection left")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Yield one that listens."""
    serving = Server()
    listener = await asyncio.get_running_loop().create_server(serving.protocol, "127.0.0.1", 0)
    serving.port = listener.sockets[0].getsockname()[1]
    yield serving
    listener.close()
    await serving.until_closed()
    await listener.wait_closed()


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Raw]:
    """Yield a connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


async def close(raw: Raw) -> None:
    """Leave with a FIN, as most who lose patience do: it looks half-closed until something is sent."""
    raw.writer.close()


async def reset(raw: Raw) -> None:
    """Leave with a RST."""
    raw.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.writer.close()


LEAVING = pytest.mark.parametrize("leave", [close, reset])
Leave = Callable[[Raw], Awaitable[None]]


@pytest.mark.parametrize("requests", [1, 3])
async def test_client_that_has_stopped_sending_has_its_answers(server: Server, requests: int) -> None:
    """All of them, those included that are made after it has stopped; then the connection ends."""
    server.answers.may_begin.clear()
    async with connected(server) as raw:
        await raw.send(GET * requests)
        raw.writer.write_eof()
        await server.answers.begun.wait()
        server.answers.may_begin.set()
        received = await raw.until_closed()
    assert received.count(b"HTTP/1.1 200") == received.count(b"last") == requests
    await server.until_told(*[200] * requests)


async def test_client_that_has_stopped_sending_reads_a_long_answer(server: Server) -> None:
    """While the second half is made, too."""
    server.answers.may_begin.clear()
    server.answers.may_end.clear()
    async with connected(server) as raw:
        await raw.send(POST % 3 + b"abc")
        raw.writer.write_eof()
        await server.noticed.wait()
        server.answers.may_begin.set()
        await raw.reader.readuntil(b"first,")
        server.answers.may_end.set()
        assert b"last" in await raw.until_closed()
    await server.until_told(200)


@pytest.mark.parametrize(("headers", "status"), [([], 499), ([(b"content-length", b"10")], 200)])
async def test_client_that_stops_sending_within_its_answer_has_left_a_stream_alone(
    server: Server, headers: list[tuple[bytes, bytes]], status: int
) -> None:
    """A stream may have no end, and be held for nobody; an answer whose length is known goes on."""
    server.answers.headers = headers
    server.answers.may_end.clear()
    async with connected(server) as raw:
        await raw.send(GET)
        await raw.reader.readuntil(b"first,")
        raw.writer.write_eof()
        await server.noticed.wait()
        server.answers.may_end.set()
        assert (b"last" in await raw.until_closed()) is (status == 200)
    await server.until_told(status)


@pytest.mark.parametrize("begun", [b"GET / HT", POST % 3 + b"ab"])
async def test_client_that_stops_sending_in_a_request_has_no_answer(server: Server, begun: bytes) -> None:
    """What was not asked as a whole cannot be answered, and holds no connection."""
    server.answers.reads_body = True
    server.answers.may_begin.clear()
    async with connected(server) as raw:
        await raw.send(begun)
        raw.writer.write_eof()
        assert await raw.until_closed() == b""
    server.answers.may_begin.set()
    await server.until_told(*[499] * begun.count(b"POST"))


@LEAVING
async def test_client_that_leaves_before_its_answer_begins_is_told_as_499(server: Server, leave: Leave) -> None:
    """Whatever the application answers to nobody."""
    server.answers.may_begin.clear()
    async with connected(server) as raw:
        await raw.send(GET)
        await server.answers.begun.wait()
        await leave(raw)
        await server.noticed.wait()
    server.answers.may_begin.set()
    await server.until_told(499)


@LEAVING
async def test_client_that_leaves_in_the_middle_of_its_answer_is_told_as_499(server: Server, leave: Leave) -> None:
    """The status that it has seen does not count."""
    server.answers.may_end.clear()
    async with connected(server) as raw:
        await raw.send(GET)
        await raw.reader.readuntil(b"first,")
        await leave(raw)
        await server.noticed.wait()
    server.answers.may_end.set()
    await server.until_told(499)


async def test_client_that_leaves_after_its_answer_is_told_by_its_status(server: Server) -> None:
    """Most connections end so."""
    async with connected(server) as raw:
        await raw.send(GET)
        await raw.reader.readuntil(b"last")
        await close(raw)
    await server.until_closed()
    await server.until_told(200)


@pytest.mark.parametrize("closing", ["by the answer", "by the lame duck", "not at all"])
async def test_early_answer_reaches_a_client_that_sends_before_it_reads(server: Server, closing: str) -> None:
    """It sends megabytes more after the answer was made, and reads only then."""
    if closing == "by the answer":
        server.answers.headers = [(b"connection", b"close")]
    elif closing == "by the lame duck":
        server.lifecycle.become_ready()
        server.lifecycle.begin_lame_duck(0, 600)
    async with connected(server) as raw:
        await raw.send(POST % MEGABYTES)
        await server.until_told(200)
        await raw.send(bytes(MEGABYTES))
        assert b"last" in await raw.reader.readuntil(b"0\r\n\r\n")
    await server.until_closed()


async def test_refusal_reaches_a_client_that_sends_before_it_reads(server: Server) -> None:
    """What is no HTTP may be long, too."""
    async with connected(server) as raw:
        await raw.send(b"hello\r\n\r\n" + bytes(MEGABYTES))
        answer = await raw.answer()
    assert answer
    assert answer.problem()["status"] == 400


async def test_client_that_sends_on_after_an_early_answer_is_cut(server: Server) -> None:
    """Lingering has an end, whatever the client does; nothing of what it sends is kept."""
    server.settings = server.settings.model_copy(update={"request_timeout_seconds": 1.0})
    server.answers.headers = [(b"connection", b"close")]
    async with connected(server) as raw:
        await raw.send(POST % (1 << 40))
        sending = asyncio.create_task(send_for_ever(raw))
        await server.until_closed()
        sending.cancel()


async def send_for_ever(raw: Raw) -> None:
    """Send until it is cancelled."""
    while True:
        await raw.send(bytes(1024))
        await asyncio.sleep(0.1)
