"""Load in processes of their own, `python -m bench.open_loop LOAD PART`: both as JSON; the outcomes are printed.

Open loop: requests come at their own rate, each on a new connection, whether others are answered or not, as users do.
Closed loop: so many clients, of which each sends the next request when it has its answer. That is how much a server can
do, and it can never be more than that.
"""

import asyncio
import gc
import json
import math
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from bench.errors import BenchError
from bench.exchanges import Exchanges, Outcome
from bench.process import CHECKOUT
from seatrial.command import Command
from seatrial.errors import CommandError
from seatrial.host.ports import HOST

LATE_SECONDS = 0.05
"""A request that is sent so long after it was due is late."""
LATE_SHARE = 0.01
"""A generator of which more is late has not offered the load that it was asked for."""
POLL_SECONDS = 0.05
SPARE_DESCRIPTORS = 100
LIMIT_SECONDS = 30.0
START_SECONDS = 1.0
"""After so long the processes of a load begin, all at once."""


@dataclass(frozen=True)
class Source:
    """GET requests at a rate; each is given up after a while."""

    path: str
    rate: float
    timeout_seconds: float = 10.0

    @property
    def request(self) -> bytes:
        """The request's bytes."""
        return f"GET {self.path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()


@dataclass(frozen=True)
class Part:
    """One process's part of a load: it sends each `of`-th request, beginning with that of `number`, from 0."""

    number: int = 0
    of: int = 1

    @property
    def address(self) -> str:
        """Where its connections come from."""
        return f"127.0.0.{self.number + 1}"


@dataclass(frozen=True)
class Load:
    """What is sent to a port: by clients that wait if there are any, else at the sources' rates from a moment on."""

    port: int
    sources: tuple[Source, ...]
    seconds: float
    clients: int = 0
    begins_at: float = 0.0
    late_seconds: float = LATE_SECONDS

    def parts(self, descriptors: int) -> int:
        """Return how many processes it takes, of which each has so many descriptors, if no request is answered."""
        if self.clients:
            return 1
        waiting = sum(source.rate * min(self.seconds, source.timeout_seconds) for source in self.sources)
        return math.ceil(waiting / descriptors)


class Schedule:
    """When a part's requests of a rate are due in so many seconds from `began`: evenly spaced."""

    def __init__(self, rate: float, began: float, seconds: float, part: Part) -> None:
        self._rate = rate
        self._began = began
        self._total = math.floor(rate * seconds)
        self._next = part.number
        self._step = part.of

    @property
    def next_at(self) -> float:
        """When the next one is due; never, if there is none."""
        return self._began + (self._next + 0.5) / self._rate if self._next < self._total else math.inf

    def due(self, now: float) -> Iterator[float]:
        """Yield the moments that have come since this was last asked."""
        while self.next_at <= now:
            moment = self.next_at
            self._next += self._step
            yield moment


def offer(load: Load, part: Part, most: int) -> list[list[Outcome]]:
    """Send a part of a load, at most so many requests at once, wait for all answers, and return each source's outcomes.

    They are `due_at` seconds after the load's begin. Raise BenchError when the rates could not be kept.
    """
    exchanges = Exchanges(load.port, most, part.address)
    schedules = [Schedule(source.rate, load.begins_at, load.seconds, part) for source in load.sources]
    outcomes: list[list[Outcome]] = [[] for _ in load.sources]
    late = 0
    while (next_at := min(schedule.next_at for schedule in schedules)) < math.inf or exchanges:
        exchanges.poll(min(next_at - time.monotonic(), POLL_SECONDS))
        for source, schedule, ended in zip(load.sources, schedules, outcomes, strict=True):
            for due_at in schedule.due(time.monotonic()):
                exchanges.begin(source.request, due_at, source.timeout_seconds, ended)
                late += time.monotonic() - due_at > load.late_seconds
    exchanges.close()
    check_rate(late, sum(map(len, outcomes)))
    return [_since(load.begins_at, ended) for ended in outcomes]


def check_rate(late: int, sent: int) -> None:
    """Raise BenchError when the generator could not keep its own rate."""
    if late > sent * LATE_SHARE:
        raise BenchError(f"{late} of {sent} requests were sent too late: the load was less than the one asked for")


def saturate(load: Load) -> list[list[Outcome]]:
    """Have a load's clients send the request of its source, whatever its rate, and return the outcomes."""
    exchanges = Exchanges(load.port, load.clients)
    (source,) = load.sources
    began = time.monotonic()
    outcomes: list[Outcome] = []
    while time.monotonic() < began + load.seconds:
        while len(exchanges) < load.clients:
            exchanges.begin(source.request, time.monotonic(), source.timeout_seconds, outcomes)
        exchanges.poll(POLL_SECONDS)
    exchanges.close()
    return [_since(began, outcomes)]


def _since(began: float, outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome._replace(due_at=outcome.due_at - began) for outcome in outcomes]


async def run(port: int, sources: Sequence[Source], seconds: float, clients: int = 0) -> list[list[Outcome]]:
    """Load the server from processes of their own, in a closed loop if there are clients, and return the outcomes.

    A process has descriptors for so many connections; where they could not do, there are more processes. Raise
    BenchError when it cannot be done as it was asked for.
    """
    load = Load(port, tuple(sources), seconds, clients, time.monotonic() + START_SECONDS)
    return await run_parts(load, load.parts(descriptors()))


async def run_parts(load: Load, parts: int) -> list[list[Outcome]]:
    """Run a load in so many processes, and return their outcomes as those of one; raise BenchError."""
    try:
        each = await asyncio.gather(*(_run(load, Part(number, parts)) for number in range(parts)))
    except CommandError as error:
        raise BenchError(str(error).splitlines()[-1].strip()) from error
    return [[Outcome(*outcome) for one in ended for outcome in one] for ended in zip(*each, strict=True)]


async def _run(load: Load, part: Part) -> list[list[list[float]]]:
    limit_seconds = load.seconds + max(source.timeout_seconds for source in load.sources) + LIMIT_SECONDS
    arguments = json.dumps(asdict(load)), json.dumps(asdict(part))
    command = Command((sys.executable, "-m", "bench.open_loop", *arguments), limit_seconds, CHECKOUT)
    outcomes: list[list[list[float]]] = json.loads((await command.run()).check().stdout)
    return outcomes


def descriptors() -> int:
    """Raise this process's limit of open files as far as it may, and return how many are left for connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - SPARE_DESCRIPTORS


def main() -> int:
    """Run a part of a load and return the exit code."""
    fields, part = json.loads(sys.argv[1]), Part(**json.loads(sys.argv[2]))
    load = Load(**{**fields, "sources": tuple(Source(**source) for source in fields["sources"])})
    gc.disable()  # nothing here refers to itself, and a pause would make requests late
    try:
        outcomes = saturate(load) if load.clients else offer(load, part, descriptors())
    except BenchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    json.dump(outcomes, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
