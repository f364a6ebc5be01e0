"""The drain: what one uvicorn server does between SIGTERM and its last answer."""

import asyncio
import gc
import os
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import uvicorn

from app.lifecycle import Lifecycle
from app.serving.listener import Listener
from app.serving.shedding import Shedding
from app.settings import Settings

QUICK_DRAIN_SECONDS = 1
ACCEPT_SECONDS = 0.1


class DrainingServer(uvicorn.Server):
    """A uvicorn server that is a lame duck before it stops accepting, and lingers before it closes idle connections."""

    def __init__(
        self,
        config: uvicorn.Config,
        lifecycle: Lifecycle,
        settings: Settings,
        shedding: Shedding,
        on_recycling: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._lifecycle = lifecycle
        self._settings = settings
        self._shedding = shedding
        self._on_recycling = on_recycling

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's signature
        """Take note of a signal: SIGTERM ends slowly, however often it is sent; SIGINT and SIGQUIT end quickly.

        It runs between two bytecodes of whatever is going on, hence only sets attributes. It does not call its parent,
        which would raise the signal again after the shutdown and turn the exit code into -15.
        """
        if not self.started:
            os._exit(0)  # nobody was served, nothing is held, and a start that hangs would not be interrupted
        if sig == signal.SIGTERM:
            self._lifecycle.begin_lame_duck(time.monotonic(), self._settings.lame_duck_seconds)
        else:
            self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Return whether to leave the main loop: at the end of the lame duck or of recycling, or when told to hurry."""
        if await super().on_tick(counter) and not self.should_exit:  # the parent's other reason: max_requests
            self.limit_max_requests = None  # counted; it would say so again at every tick
            self._lifecycle.begin_recycling(time.monotonic(), self._settings.lame_duck_seconds)
            self._on_recycling()
        return self.should_exit or not self._lifecycle.accepts(time.monotonic())

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin the lifespan, then accept on the sockets that gunicorn has bound."""
        await super().startup(sockets=[])
        # What the application is made of is no garbage either, and is looked through again and again where many
        # connections come and go.
        gc.freeze()
        make: Any = self.config.http_protocol_class  # what it takes is between uvicorn and its protocols
        protocol = partial(
            make,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            _loop=asyncio.get_running_loop(),
        )
        refused = self._shedding.at_the_door
        self.servers = [Listener(sock, protocol, refused) for sock in sockets or ()]  # type: ignore[misc]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, let accepted connections have one more answer, drain what is in flight, end the lifespan."""
        self._lifecycle.begin_draining()
        # What the kernel has queued is accepted first: closing the listener would reset it.
        await asyncio.sleep(ACCEPT_SECONDS)
        for server in self.servers:
            server.close()
        # A connection that is closed while its next request is on the wire is a reset: it has some time to end by an
        # answer, which says `close`.
        await self._until_idle(self._settings.linger_seconds)
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._until_idle(self._settings.drain_seconds)
        if self._busy:
            self.config.timeout_graceful_shutdown = QUICK_DRAIN_SECONDS if self.should_exit else 0
        await super().shutdown(sockets)
        self._lifecycle.stop()

    @property
    def _busy(self) -> bool:
        return bool(self.server_state.connections or self.server_state.tasks)

    async def _until_idle(self, limit_seconds: float) -> None:
        """Wait until nothing is in flight and no connection open, or for so long, or until told to hurry."""
        deadline = time.monotonic() + limit_seconds
        while (  # noqa: ASYNC110 - uvicorn keeps sets and tells nobody
            self._busy and not self.should_exit and time.monotonic() < deadline
        ):
            await asyncio.sleep(0.05)
