"""A request from the parser to the answer in one process without sockets: `python -m bench.servers.in_process WHAT`.

It prints the microseconds of CPU that a request takes. What the kernel does is left out, and so is its noise.
"""

import asyncio
import sys
import time
from contextlib import ExitStack
from functools import partial
from typing import Any
from unittest import mock

import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.datastructures import State
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app import logs
from app.lifecycle import Lifecycle
from app.main import create_app
from app.serving.protocol import LimitedProtocol
from app.serving.shared_metrics import SharedMetrics
from app.serving.shedding import Shedding
from app.settings import Settings
from bench.servers import bare, hello

REQUEST = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n"
CONNECTIONS = 32
TURNS = 60
SAMPLES = 12
BARE, SERVICE, STOCK_PROTOCOL = "bare", "service", "limits of the protocol"


async def _pass_on(layer: Any, scope: Any, receive: Any, send: Any) -> None:
    await layer._app(scope, receive, send)  # noqa: SLF001 - what is left of a layer without its work


# What is put in the place of a part when it is left out.
PARTS: dict[str, tuple[str, Any]] = {
    "access log": ("app.logs.emit", lambda *_: None),
    "metrics": ("app.metrics.Metrics.request_answered", lambda *_: None),
    "request id": ("app.middleware.request_id.bind", lambda _: b"-"),
    "security headers and the id's": ("app.middleware.exchange.with_standing", lambda headers, *_: list(headers)),
    "limits of requests": ("app.middleware.limits.LimitsMiddleware.__call__", _pass_on),
}


class Transport(asyncio.Transport):
    """One that takes everything and leads nowhere."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Forget it."""

    def is_closing(self) -> bool:
        """Never."""
        return False

    def get_write_buffer_size(self) -> int:
        """Nothing."""
        return 0

    def pause_reading(self) -> None:
        """Need not."""

    def resume_reading(self) -> None:
        """Need not, either."""


def service(settings: Settings) -> FastAPI:
    """Return the service's application as a worker has it, with the trivial route beside its own."""
    logs.configure(settings)
    SharedMetrics(settings).open()
    app = create_app(settings, Lifecycle())
    app.include_router(hello.router)
    app.router.routes.insert(0, app.router.routes.pop())
    loop = asyncio.get_running_loop()
    logs.emit_by_turns(loop)
    app.state.metrics.count_by_turns(loop)
    return app


async def measure(what: str) -> float:
    """Return the CPU time of a request in microseconds."""
    settings = Settings(database_url="sqlite+aiosqlite://", log_format="json")
    stock = what in {BARE, STOCK_PROTOCOL}
    app = bare.app if what == BARE else service(settings)
    config = uvicorn.Config(app, access_log=False, log_level="warning", ws="none", proxy_headers=what == BARE)
    config.reset_contextvars = what != BARE
    config.load()
    given: dict[str, Any] = {"config": config, "server_state": ServerState(), "app_state": {}}
    make = HttpToolsProtocol if stock else _limited(settings, app.state)
    connections = [make(**given) for _ in range(CONNECTIONS)]
    for connection in connections:
        connection.connection_made(Transport())
    await _turns(connections)
    return min([await _turns(connections) for _ in range(SAMPLES)])  # the one that other work disturbed least


def _limited(settings: Settings, state: State) -> Any:
    return partial(
        LimitedProtocol,
        settings=settings,
        lifecycle=state.lifecycle,
        admission=state.admission,
        shedding=Shedding(state.admission, state.metrics),
        waiting={},
    )


async def _turns(connections: list[Any]) -> float:
    began = time.process_time()
    for _ in range(TURNS):
        for connection in connections:
            connection.data_received(REQUEST)
        while not all(each.cycle.response_complete for each in connections):  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0)
    return (time.process_time() - began) / TURNS / len(connections) * 1e6


if __name__ == "__main__":
    with ExitStack() as stack:
        if sys.argv[1] in PARTS:
            target, substitute = PARTS[sys.argv[1]]
            stack.enter_context(mock.patch(target, substitute))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            sys.stderr.write(f"{runner.run(measure(sys.argv[1]))}\n")
