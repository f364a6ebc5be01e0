"""A load generator that knows what became of every request: keep-alive, new-connection and slow-request clients."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from seatrial.host.ports import HOST
from seatrial.traffic.exchange import Connection, Outcome, Request

MAX_LAG_SECONDS = 1.0
"""How far behind its rate a client may be and still catch up."""


class Client(Protocol):
    """A way of sending requests, at a rate, until it is told to stop."""

    async def run(self, traffic: "Traffic") -> None:
        """Send until `traffic.stopping` is set; return when every request is answered."""


@dataclass(frozen=True)
class KeepAlive:
    """Connections that each send one request after the other, and open anew when the server says `close`."""

    request: Callable[[], Request]
    rate: float
    connections: int = 10
    name: str = "keep-alive"

    async def run(self, traffic: "Traffic") -> None:
        """Send at the rate over all connections together."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self.connections):
                group.create_task(self._one(traffic))

    async def _one(self, traffic: "Traffic") -> None:
        connection = traffic.connection()
        try:
            async for _ in traffic.paced(self.rate / self.connections):
                if not connection.reusable:
                    connection.close()
                    connection = traffic.connection()
                await traffic.send(connection, self.request(), self.name)
        finally:
            connection.close()


@dataclass(frozen=True)
class NewConnection:
    """A new connection for every request.

    `body_seconds` sends the body in small pieces over so long, `answer_seconds` leaves the answer unread for so long.
    """

    request: Callable[[], Request]
    rate: float
    body_seconds: float = 0.0
    answer_seconds: float = 0.0
    name: str = "new-connection"

    async def run(self, traffic: "Traffic") -> None:
        """Send at the rate, however long the answers take."""
        async with asyncio.TaskGroup() as group:
            async for _ in traffic.paced(self.rate):
                group.create_task(self._one(traffic))

    async def _one(self, traffic: "Traffic") -> None:
        connection = traffic.connection()
        try:
            await traffic.send(
                connection,
                self.request(),
                self.name,
                body_seconds=self.body_seconds,
                answer_seconds=self.answer_seconds,
            )
        finally:
            connection.close()


@dataclass(frozen=True)
class Once:
    """One request, whose body takes `body_seconds`."""

    request: Request
    body_seconds: float = 0.0
    name: str = "hold"

    async def run(self, traffic: "Traffic") -> None:
        """Send it."""
        connection = traffic.connection()
        try:
            await traffic.send(connection, self.request, self.name, body_seconds=self.body_seconds)
        finally:
            connection.close()


class Traffic:
    """Traffic to one port for as long as the context lasts; every request that was sent has an outcome."""

    def __init__(
        self, port: int, clients: Sequence[Client], *, host: str = HOST, timeout_seconds: float = 10.0
    ) -> None:
        self.outcomes: list[Outcome] = []
        self.stopping = asyncio.Event()
        self._port = port
        self._clients = clients
        self._host = host
        self._timeout_seconds = timeout_seconds
        self._work: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to send."""
        self._work = asyncio.create_task(self._run(), name=f"traffic to {self._host}:{self._port}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop: gently, or at once after an error."""
        if error is None:
            await self.stop()
        elif self._work is not None:
            self._work.cancel()
            await asyncio.wait([self._work])

    async def stop(self) -> None:
        """Send no new requests and return when those in flight have their outcome, for which each has its timeout."""
        self.stopping.set()
        if self._work is not None:
            await self._work

    async def wait(self) -> None:
        """Return when every client has ended: told to by `stopping`, or of itself."""
        if self._work is not None:
            await asyncio.wait([self._work])

    def failed(self) -> list[Outcome]:
        """Return what did not go well."""
        return [outcome for outcome in self.outcomes if not outcome.ok]

    def turn_to(self, port: int) -> None:
        """Send new connections to another port, as a balancer does; those that are open stay where they are."""
        self._port = port

    def connection(self) -> Connection:
        """Return a connection that opens with its first request."""
        return Connection(self._host, self._port)

    async def send(
        self,
        connection: Connection,
        request: Request,
        client: str,
        *,
        body_seconds: float = 0.0,
        answer_seconds: float = 0.0,
    ) -> None:
        """Send one request and keep its outcome."""
        outcome = await connection.exchange(
            request,
            client=client,
            timeout_seconds=self._timeout_seconds,
            body_seconds=body_seconds,
            answer_seconds=answer_seconds,
        )
        self.outcomes.append(outcome)

    async def paced(self, rate: float) -> AsyncIterator[None]:
        """Yield `rate` times a second until the traffic is to stop."""
        due = time.monotonic()
        while not self.stopping.is_set():
            try:
                async with asyncio.timeout(max(due - time.monotonic(), 0.0)):
                    await self.stopping.wait()
            except TimeoutError:
                yield
            due = max(due + 1.0 / rate, time.monotonic() - MAX_LAG_SECONDS)

    def __str__(self) -> str:
        """Return a summary: how many requests of each client came to what, and the details of the first failures."""
        counts = Counter((outcome.client, str(outcome.failure or outcome.status)) for outcome in self.outcomes)
        lines = [f"{len(self.outcomes)} requests, {len(self.failed())} failed"]
        lines += [f"  {client:<16} {what:<44} {count:>6}" for (client, what), count in sorted(counts.items())]
        lines += [f"  failed: {outcome}" for outcome in self.failed()[:5]]
        return "\n".join(lines)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for client in self._clients:
                group.create_task(client.run(self))


async def hold(port: int, request: Request, *, for_seconds: float, timeout_seconds: float = 10.0) -> Outcome:
    """Send one request whose body takes so long, and return its outcome."""
    async with Traffic(port, [Once(request, for_seconds)], timeout_seconds=timeout_seconds) as traffic:
        await traffic.wait()
    return traffic.outcomes[0]
