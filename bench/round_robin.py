"""A client of several instances, as a load balancer is one: it takes turns among those that their readiness allows."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from bench.process import answers
from seatrial.host.ports import HOST
from seatrial.kubelet.prober import ProbeType, Result, Worker
from seatrial.manifests.probe import HttpGet, Probe
from seatrial.traffic.clients import Traffic
from seatrial.traffic.exchange import Connection, Request

SENDERS = 10


@dataclass
class Backend:
    """One instance, in service or not by the kubelet's rules for its readiness probe."""

    port: int
    path: str
    probe: Probe
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        """Begin as not ready."""
        self.worker = Worker(ProbeType.READINESS, self.probe)

    @property
    def ready(self) -> bool:
        """Whether it gets requests."""
        return self.worker.result is Result.SUCCESS

    async def watch(self, traffic: Traffic) -> None:
        """Probe it every period until the traffic stops."""
        async for _ in traffic.paced(1 / self.probe.period_seconds):
            self.worker.record(succeeded=await answers(self.port, self.path, self.probe.timeout_seconds))


@dataclass(frozen=True)
class RoundRobin:
    """Requests at a rate, each to the next instance that is ready, over connections that are kept alive."""

    backends: Sequence[Backend]
    request: Request
    rate: float
    name: str = "round-robin"
    turns: Iterator[int] = field(default_factory=count)

    async def run(self, traffic: Traffic) -> None:
        """Watch the instances, and send as soon as one is ready."""
        async with asyncio.TaskGroup() as group:
            for backend in self.backends:
                group.create_task(backend.watch(traffic))
            for _ in range(SENDERS):
                group.create_task(self._send(traffic))

    def next_backend(self) -> Backend:
        """Return whose turn it is; with none ready, whoever is next, as there is nobody better."""
        ready = [backend for backend in self.backends if backend.ready] or self.backends
        return ready[next(self.turns) % len(ready)]

    async def _send(self, traffic: Traffic) -> None:
        connections: dict[int, Connection] = {}
        try:
            async for _ in traffic.paced(self.rate / SENDERS):
                port = self.next_backend().port
                connection = connections.get(port)
                if connection is None or not connection.reusable:
                    if connection is not None:
                        connection.close()
                    connection = connections[port] = Connection(HOST, port)
                await traffic.send(connection, self.request, self.name)
        finally:
            for connection in connections.values():
                connection.close()


def readiness_of(port: int, path: str, period_seconds: float) -> Backend:
    """Return an instance that is probed each period, for which an attempt may take as long."""
    return Backend(
        port, path, Probe(HttpGet(port, path), period_seconds=period_seconds, timeout_seconds=period_seconds)
    )
