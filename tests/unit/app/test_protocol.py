"""What is left of a connection that its client has reset."""

import asyncio
import gc
import weakref
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from app.serving.protocol import LimitedProtocol
from tests.serving import parts
from tests.settings import settings_of


class Transport(asyncio.Transport):
    """One that leads nowhere."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Forget it."""

    def close(self) -> None:
        """Need not."""

    def is_closing(self) -> bool:
        """Never."""
        return False

    def get_write_buffer_size(self) -> int:
        """Nothing."""
        return 0

    def resume_reading(self) -> None:
        """Need not."""


async def answer(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer anything."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def made(waiting: dict[LimitedProtocol, None]) -> LimitedProtocol:
    """Return a new connection's protocol."""
    return LimitedProtocol(
        config=uvicorn.Config(answer, lifespan="off", ws="none"),
        server_state=ServerState(),
        app_state={},
        **parts(settings_of()) | {"waiting": waiting},
    )


async def test_connection_that_was_reset_is_not_kept_by_its_timer() -> None:
    """The keep-alive timer, set after an answer, goes with the connection: else it holds its memory for 75 s."""
    waiting: dict[LimitedProtocol, None] = {}
    connection = made(waiting)
    connection.connection_made(Transport())
    connection.data_received(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    while not connection.cycle.response_complete:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0)
    timer = connection.timeout_keep_alive_task
    assert timer
    assert not timer.cancelled()
    connection.connection_lost(ConnectionResetError())
    assert timer.cancelled()
    assert not waiting


async def test_connection_that_is_lost_leaves_nothing_to_the_collector() -> None:
    """What refers to each other goes with it: else a collection pauses the event loop for connections long gone."""
    connection = made({})
    connection.connection_made(Transport())
    connection.data_received(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    while not connection.cycle.response_complete:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0)
    await asyncio.sleep(0)  # until the request's task has ended
    gone = weakref.ref(connection)
    gc.disable()
    try:
        connection.connection_lost(None)
        del connection
        await asyncio.sleep(0)
        assert gone() is None
    finally:
        gc.enable()
