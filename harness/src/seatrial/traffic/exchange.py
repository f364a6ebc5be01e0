"""One HTTP/1.1 exchange over a raw connection, so that it is known exactly how it failed. Nothing is ever retried."""

import asyncio
import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import h11

CHUNK_BYTES = 64 * 1024


class Failure(StrEnum):
    """The ways in which a request can fail."""

    REFUSED = "refused"
    RESET = "reset"
    CLOSED = "closed without answer"
    CLOSED_REUSED = "closed without answer (reused connection)"
    TIMEOUT = "timeout"
    BAD_ANSWER = "bad answer"


@dataclass(frozen=True)
class Request:
    """A request as its sender describes it; Host and Content-Length are added."""

    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def head(request: Request, host: str) -> h11.Request:
    """Return how a request begins; LocalProtocolError or UnicodeEncodeError where HTTP does not allow it."""
    length = [("content-length", str(len(request.body)))] if request.body or request.method != "GET" else []
    return h11.Request(method=request.method, target=request.path, headers=[("host", host), *length, *request.headers])


@dataclass(frozen=True)
class Outcome:
    """What became of a request: a status, or a failure. Times are of time.monotonic()."""

    client: str
    sent_at: float
    ended_at: float
    status: int | None = None
    failure: Failure | None = None
    reused: bool = False
    closing: bool = False
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was answered in full, with a status from 200 to 399."""
        return self.failure is None and self.status is not None and 200 <= self.status < 400


class Connection:
    """A client's end of a connection; `reusable` tells whether it can take one more request."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._protocol = h11.Connection(h11.CLIENT)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._answered = 0

    @property
    def reusable(self) -> bool:
        """Whether it was used, and neither side has closed it or said that it would."""
        return self.kept and self._streams is not None and not self._streams[0].at_eof()

    @property
    def kept(self) -> bool:
        """Whether it was used, and the server has not said that it would close it.

        It may have closed it all the same: of that, a client that is further away knows nothing yet.
        """
        return self._answered > 0 and self._protocol.our_state is self._protocol.their_state is h11.IDLE

    def close(self) -> None:
        """Close it."""
        if self._streams is not None:
            self._streams[1].close()

    async def exchange(
        self,
        request: Request,
        *,
        client: str,
        timeout_seconds: float,
        body_seconds: float = 0.0,
        answer_seconds: float = 0.0,
        pieces: int = 10,
    ) -> Outcome:
        """Send a request, its body in pieces over `body_seconds`, and return what became of it.

        The answer is not read for `answer_seconds`. `timeout_seconds` bounds everything else, from connecting to the
        answer's last byte.
        """
        sent_at, limit_seconds = time.monotonic(), timeout_seconds + body_seconds + answer_seconds
        sent = Outcome(client, sent_at, sent_at, reused=self._answered > 0)
        try:
            async with asyncio.timeout(limit_seconds):
                try:
                    await self._connect()
                except ConnectionRefusedError as error:
                    return self._failed(sent, Failure.REFUSED, error)
                with contextlib.suppress(ConnectionError):  # the answer may be there all the same
                    await self._send(request, body_seconds, pieces)
                await asyncio.sleep(answer_seconds)
                status, closing = await self._receive()
        except TimeoutError:
            return self._failed(sent, Failure.TIMEOUT, f"no whole answer within {limit_seconds:g} s")
        except _ClosedError as error:
            return self._failed(sent, Failure.CLOSED_REUSED if sent.reused else Failure.CLOSED, error)
        except h11.ProtocolError as error:
            return self._failed(sent, Failure.BAD_ANSWER, error)
        except OSError as error:
            return self._failed(sent, Failure.RESET, error)
        self._answered += 1
        if self._protocol.our_state is self._protocol.their_state is h11.DONE:
            self._protocol.start_next_cycle()
        else:
            self.close()
        return replace(sent, ended_at=time.monotonic(), status=status, closing=closing)

    def _failed(self, sent: Outcome, failure: Failure, reason: BaseException | str) -> Outcome:
        self.close()
        detail = reason if isinstance(reason, str) else f"{type(reason).__name__}: {reason}"
        return replace(sent, ended_at=time.monotonic(), failure=failure, detail=detail)

    async def _connect(self) -> None:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)

    async def _send(self, request: Request, body_seconds: float, pieces: int) -> None:
        host = f"[{self._host}]" if ":" in self._host else self._host
        await self._write(head(request, f"{host}:{self._port}"))
        for piece in _split(request.body, pieces if body_seconds else 1):
            await self._write(h11.Data(data=piece))
            await asyncio.sleep(body_seconds / pieces)
        await self._write(h11.EndOfMessage())

    async def _write(self, event: h11.Event) -> None:
        _, writer = self._open_streams()
        if data := self._protocol.send(event):
            writer.write(data)
            await writer.drain()

    async def _receive(self) -> tuple[int, bool]:
        reader, _ = self._open_streams()
        status, closing, silent = 0, False, True
        while True:
            event = self._protocol.next_event()
            if event is h11.NEED_DATA:
                try:
                    data = await reader.read(CHUNK_BYTES)
                except ConnectionResetError as error:
                    if silent and self._answered:  # how a server's close meets a request that was on the wire
                        raise _ClosedError("the server reset the connection") from error
                    raise
                if silent and not data:
                    raise _ClosedError("the server closed the connection")
                silent = False
                self._protocol.receive_data(data)
            elif isinstance(event, h11.Response):
                status = event.status_code
                said = b",".join(value for name, value in event.headers if name == b"connection")
                closing = b"close" in (token.strip().lower() for token in said.split(b","))
            elif isinstance(event, h11.EndOfMessage):
                return status, closing

    def _open_streams(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            raise ConnectionError("not connected")
        return self._streams


class _ClosedError(Exception):
    """The server closed the connection before the first byte of its answer."""


def _split(body: bytes, pieces: int) -> Iterable[bytes]:
    size = max(1, -(-len(body) // pieces))
    return (body[at : at + size] for at in range(0, len(body), size))
