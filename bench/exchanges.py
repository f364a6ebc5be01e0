"""Requests to a server on this machine, each on a connection of its own, by the thousand in one thread.

Non-blocking sockets and epoll: with asyncio's streams a tenth of the requests would take all of a core.
"""

import errno
import re
import select
import socket
import time
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.errors import BenchError
from seatrial.host.ports import HOST

UNANSWERED = 0
CHUNK_BYTES = 64 * 1024
IP_BIND_ADDRESS_NO_PORT = 24  # ip(7): the port is taken by connect, and may be in use to other servers
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)


class Outcome(NamedTuple):
    """What became of a request: when it was due, how long after that it ended, and its status or UNANSWERED."""

    due_at: float
    seconds: float
    status: int


@dataclass(slots=True, eq=False)
class _Exchange:
    sock: socket.socket
    request: bytes
    due_at: float
    gives_up_at: float
    outcomes: list[Outcome]
    answer: bytearray = field(default_factory=bytearray)
    ended: bool = False


class Exchanges:
    """The requests on their way to `port`, at most `most` at once; times are of time.monotonic().

    They come from `address`, another one of this machine for each process of a load: the ports of one are too few.
    """

    def __init__(self, port: int, most: int, address: str = HOST) -> None:
        self._server = (HOST, port)
        self._address = (address, 0)
        self._most = most
        self._epoll = select.epoll()
        self._open: dict[int, _Exchange] = {}
        self._deadlines: dict[float, deque[_Exchange]] = {}  # by the seconds until then: each is in order by itself

    def __len__(self) -> int:
        """Return how many are on their way."""
        return len(self._open)

    def begin(self, request: bytes, due_at: float, timeout_seconds: float, outcomes: list[Outcome]) -> None:
        """Send a request, whose outcome is added to `outcomes`; raise BenchError when this machine takes no more."""
        if len(self._open) >= self._most:
            raise BenchError(f"{self._most} requests wait for their answers, and no more can be sent beside them")
        sock = socket.socket()
        sock.settimeout(0)
        gives_up_at = time.monotonic() + timeout_seconds
        exchange = self._open[sock.fileno()] = _Exchange(sock, request, due_at, gives_up_at, outcomes)
        self._deadlines.setdefault(timeout_seconds, deque()).append(exchange)
        sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        sock.bind(self._address)
        error = sock.connect_ex(self._server)
        if error == errno.EADDRNOTAVAIL:
            raise BenchError("this machine has no more ports for connections to the server")
        if error not in (0, errno.EINPROGRESS):
            self._end(exchange)
            return
        self._epoll.register(sock, select.EPOLLIN | select.EPOLLOUT)
        self._send(exchange)  # on one machine the connection is there by now, if the server takes it

    def poll(self, seconds: float) -> None:
        """Handle what has come, for which it waits so long if there is nothing, and give up what is late."""
        for descriptor, event in self._epoll.poll(max(seconds, 0.0)):
            exchange = self._open[descriptor]
            if event & select.EPOLLOUT:
                self._send(exchange)
            if event & ~select.EPOLLOUT and not exchange.ended:
                self._receive(exchange)
        self._give_up(time.monotonic())

    def close(self) -> None:
        """Leave all that are on their way."""
        for exchange in list(self._open.values()):
            self._end(exchange)
        self._epoll.close()

    def _send(self, exchange: _Exchange) -> None:
        try:
            exchange.sock.send(exchange.request)
        except BlockingIOError:
            return
        except OSError:
            self._end(exchange)
            return
        self._epoll.modify(exchange.sock, select.EPOLLIN)

    def _receive(self, exchange: _Exchange) -> None:
        try:
            while chunk := exchange.sock.recv(CHUNK_BYTES):
                exchange.answer += chunk
        except BlockingIOError:
            return
        except OSError:
            pass  # reset, after its answer or without one
        self._end(exchange)

    def _give_up(self, now: float) -> None:
        for waiting in self._deadlines.values():
            while waiting and (waiting[0].ended or waiting[0].gives_up_at <= now):
                exchange = waiting.popleft()
                if not exchange.ended:
                    exchange.answer.clear()
                    self._end(exchange)

    def _end(self, exchange: _Exchange) -> None:
        exchange.ended = True
        del self._open[exchange.sock.fileno()]
        exchange.sock.close()
        seconds = time.monotonic() - exchange.due_at
        exchange.outcomes.append(Outcome(exchange.due_at, seconds, status_of(exchange.answer)))


def status_of(answer: bytes | bytearray) -> int:
    """Return the status of an answer that is there as a whole, else UNANSWERED."""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if not end or length is None or len(body) < int(length[1]):
        return UNANSWERED
    return int(head.split(b" ", 2)[1])
