"""A listening socket whose queue of new connections is accepted many at a time.

libuv, and so uvloop, accepts one connection in a turn of the event loop (libuv/libuv#3696), and a turn takes as long as
the work in it: under load clients, and probes among them, would wait in the kernel's queue for seconds.
"""

import asyncio
import socket
from collections.abc import Callable

# All that usually wait, and in an overload no more than leaves most of a turn to the requests at work.
ACCEPTED_A_TURN = 50
PAUSE_SECONDS = 0.1
LOOK_SECONDS = 0.01
UNDECIDED_SECONDS = 0.1


class Listener:
    """Accepts on `sock` until it is closed, and then closes `sock`: on a copy the kernel would go on to accept.

    `protocol` makes a connection's protocol. `refused` is shown each new connection first, and returns whether it has
    dealt with it; None where it cannot tell yet, and is asked again, for UNDECIDED_SECONDS.
    """

    def __init__(
        self,
        sock: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        refused: Callable[[socket.socket], bool | None],
    ) -> None:
        self._sock = sock
        self._protocol = protocol
        self._refused = refused
        self._loop = asyncio.get_running_loop()
        self._opening: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._undecided: list[tuple[socket.socket, float]] = []
        self._resume()

    def close(self) -> None:
        """Accept no more; what is open stays open. Closed already, it does nothing."""
        if self._sock.fileno() < 0:
            return
        if self._pause:
            self._pause.cancel()
        self._loop.remove_reader(self._sock)
        self._sock.close()
        for connection, _ in self._undecided:
            self._begin(connection)
        self._undecided = []

    async def wait_closed(self) -> None:
        """Return at once: uvicorn asks as it would an asyncio server, whose connections it has ended by then."""

    def _resume(self) -> None:
        self._pause = None
        self._loop.add_reader(self._sock, self._accept)

    def _accept(self) -> None:
        for _ in range(ACCEPTED_A_TURN):
            try:
                connection, _address = self._sock.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError:  # no descriptor, no memory: asked again at once, it would take all of a core
                self._loop.remove_reader(self._sock)
                self._pause = self._loop.call_later(PAUSE_SECONDS, self._resume)
                return
            connection.settimeout(0)
            refused = self._refused(connection)
            if refused is None:
                if not self._undecided:
                    self._loop.call_later(LOOK_SECONDS, self._decide)
                self._undecided.append((connection, self._loop.time() + UNDECIDED_SECONDS))
            elif not refused:
                self._begin(connection)

    def _decide(self) -> None:
        now = self._loop.time()
        undecided, self._undecided = self._undecided, []
        for connection, until in undecided:
            refused = self._refused(connection)
            if refused is None and now < until:
                self._undecided.append((connection, until))
            elif not refused:
                self._begin(connection)
        if self._undecided:
            self._loop.call_later(LOOK_SECONDS, self._decide)

    def _begin(self, connection: socket.socket) -> None:
        task = self._loop.create_task(self._open(connection))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, connection)
        except OSError:  # its client has left
            connection.close()
