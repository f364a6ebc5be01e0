"""What is sent to the subject: found from its manifests and by asking it, or as `trial.toml` says."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from seatrial.errors import HarnessError
from seatrial.host.ports import HOST
from seatrial.manifests.probe import HttpGet, Probe
from seatrial.traffic.clients import Client, NewConnection, Traffic
from seatrial.traffic.exchange import Connection, Failure, Outcome, Request
from seatrial.trial.configuration import Configuration
from seatrial.trial.stage import Played
from seatrial.trial.subject import Subject

KEEP_ALIVE_RATE, CONNECTIONS = 80.0, 8
NEW_CONNECTION_RATE = 30.0
SLOW_RATE, SLOW_SECONDS = 1.0, 3.0
TIMEOUT_SECONDS = 10.0
OPEN_SECONDS, OPEN_POLL_SECONDS = 10.0, 0.1
"""How long it may take to open a port that a Service sends to, before it is taken to serve nobody."""
LOST_FROM_STATUS = 500
FIRST_CHARACTERS = 200
ROOT = Request("/")


@dataclass(frozen=True)
class Load:
    """The requests that are sent; `found` says how they were found, `slow` is the one with a body, if there is one.

    `looked` is what became of the first quick one, if it was sent to find them.
    """

    quick: Request
    slow: Request | None
    found: str
    looked: Outcome | None = None


def refused(outcome: Outcome) -> str | None:
    """Say how an answer refuses its request, with its first line; of no answer, and of a server's error, nothing."""
    if outcome.status is None or outcome.ok or outcome.status >= LOST_FROM_STATUS:
        return None
    return ": ".join(filter(None, (str(outcome.status), outcome.detail.strip().partition("\n")[0][:FIRST_CHARACTERS])))


def lost(outcome: Outcome) -> bool:
    """Tell whether a request has no answer, or one that says that the server failed; 404 is an answer."""
    return outcome.failure is not None or (outcome.status or 0) >= LOST_FROM_STATUS


async def find(played: Played) -> Load | None:
    """Return what to send, None when the subject serves no HTTP."""
    return await chosen(played.subject, lambda request: _ask(played.port, request))


async def chosen(subject: Subject, ask: Callable[[Request], Awaitable[Outcome]]) -> Load | None:
    """Return the same; `ask` sends a request and returns what became of it.

    HarnessError for a request of trial.toml that is not taken: nothing could be told by its answers.
    """
    configuration = subject.configuration
    if subject.port is None:
        return None
    await _see_taken(configuration, ask)
    if configuration.load:
        return Load(configuration.load, configuration.slow, "trial.toml")
    first = root = await ask(ROOT)
    if not subject.says_http and subject.is_sent_to:  # without probes it may not listen yet, and speak no HTTP then
        ends_at = time.monotonic() + OPEN_SECONDS
        while root.failure is Failure.REFUSED and time.monotonic() < ends_at:
            await asyncio.sleep(OPEN_POLL_SECONDS)
            root = await ask(ROOT)
    if root.ok:
        return Load(ROOT, configuration.slow, "/ answers", first)
    # Not the path of readiness: that one is to fail in the drain.
    for probe in (subject.container.liveness, subject.container.startup):
        match probe:
            case Probe(handler=HttpGet(port=port, path=path)) if port == subject.port:
                looked = first if path == ROOT.path else None
                return Load(Request(path), configuration.slow, "the path of a probe", looked)
    unreachable = root.failure is Failure.REFUSED and subject.is_sent_to
    if root.status is not None or subject.says_http or unreachable:
        found = f"/ answers {root.status or 'nothing'}, and nothing else is known"
        return Load(ROOT, configuration.slow, found, first)
    return None


async def _see_taken(configuration: Configuration, ask: Callable[[Request], Awaitable[Outcome]]) -> None:
    """Raise HarnessError for a request of trial.toml that is refused."""
    for name, request in (("load", configuration.load), ("slow", configuration.slow)):
        if request and (refusal := refused(await ask(request))):
            raise HarnessError(f"[{name}] of trial.toml, {request.method} {request.path}, is answered {refusal}")


async def _ask(port: int, request: Request) -> Outcome:
    connection = Connection(HOST, port)
    try:
        return await connection.exchange(request, client="look", timeout_seconds=TIMEOUT_SECONDS)
    finally:
        connection.close()


@dataclass(frozen=True)
class Established:
    """Connections that go on sending for as long as the server keeps them, but open none once `noticed`.

    So are those that went through a load balancer: it sends no new ones, and leaves the old ones alone. They believe
    what the server has said, and do not look whether it has closed: they could be too far away to know.
    """

    request: Callable[[], Request]
    rate: float
    noticed: asyncio.Event
    connections: int = CONNECTIONS
    name: str = "keep-alive"

    async def run(self, traffic: Traffic) -> None:
        """Send at the rate over all connections together."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self.connections):
                group.create_task(self._one(traffic))

    async def _one(self, traffic: Traffic) -> None:
        connection = traffic.connection()
        try:
            async for _ in traffic.paced(self.rate / self.connections):
                if not connection.kept:
                    if self.noticed.is_set():
                        return
                    connection.close()
                    connection = traffic.connection()
                await traffic.send(connection, self.request(), self.name)
        finally:
            connection.close()


@dataclass(frozen=True)
class Late:
    """One connection that is used once, is idle, and sends its next request only when told to."""

    request: Callable[[], Request]
    now: asyncio.Event
    name: str = "idle, then late"

    async def run(self, traffic: Traffic) -> None:
        """Send one request, and another when `now` is set, if the server still keeps the connection."""
        connection = traffic.connection()
        try:
            await traffic.send(connection, self.request(), self.name)
            await self.now.wait()
            if connection.reusable:
                await traffic.send(connection, self.request(), self.name)
        finally:
            connection.close()


def fresh(load: Load) -> list[Client]:
    """Return the clients that open a connection for each request: quick ones, slow uploads, slow readers."""
    clients: list[Client] = [NewConnection(lambda: load.quick, NEW_CONNECTION_RATE)]
    clients.append(NewConnection(lambda: load.quick, SLOW_RATE, answer_seconds=SLOW_SECONDS, name="slow reader"))
    if load.slow:
        slow = load.slow
        clients.append(NewConnection(lambda: slow, SLOW_RATE, body_seconds=SLOW_SECONDS, name="slow upload"))
    return clients
