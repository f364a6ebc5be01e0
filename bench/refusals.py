"""What a refusal costs: its CPU time, beside that of the same request when it is answered."""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial

from bench.contenders import SERVICE
from bench.effort import Effort
from bench.errors import BenchError
from bench.load import Load, saturate, saturate_with_refused
from bench.notes import NOTES, creation, store
from bench.process import Server, serving
from bench.rounds import spread
from bench.rows import Goal, Row, at_most
from bench.usage import cpu_seconds, kernel_seconds
from seatrial.host.ports import HOST
from seatrial.traffic.exchange import Connection, Request

PAGE = 20
CONNECTIONS = 400
"""So many that the wait for a place, which each request has before it is refused, leaves the worker no time to rest."""
REFUSED = 503
WARM_UP_SECONDS, LOAD_SECONDS = 1.0, 1.0
"""Together much less than the 5 s that a write waits for SQLite's lock."""
LIMIT_SECONDS = 20.0
GOAL = at_most(25)


@dataclass(frozen=True)
class Cost:
    """CPU microseconds of one request, and how many of them were the kernel's."""

    whole: float
    kernel: float


@dataclass(frozen=True)
class Sample:
    """The costs of a request that is answered, and of those refused on a connection that is kept, and on a new one."""

    answered: Cost
    refused_kept: Cost
    refused_new: Cost


async def measure(effort: Effort) -> list[Row]:
    """Return the rows."""
    samples = [await _sample() for _ in range(effort.refusal_rounds)]
    return [
        _row("CPU a refusal, kept connections", [each.refused_kept for each in samples], GOAL),
        _row("CPU a refusal, new connections", [each.refused_new for each in samples], GOAL),
        _row("CPU of the same request when it is answered", [each.answered for each in samples]),
    ]


def _row(what: str, costs: Sequence[Cost], goal: Goal | None = None) -> Row:
    kernel = statistics.median(cost.kernel for cost in costs)
    return Row(what, "us", spread([cost.whole for cost in costs]), goal, f"{kernel:.0f} us of it the kernel's")


async def _sample() -> Sample:
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as directory:
        database = f"{directory}/notes.db"
        service = SERVICE.with_options(f"--volume={directory}:{directory}").with_variables(
            APP_DATABASE_URL=f"sqlite+aiosqlite:///{database}", APP_MAX_CONCURRENT_REQUESTS="1"
        )
        await store(service, PAGE)
        async with serving(service) as server:
            page = server.url(NOTES)
            answered = await _cost(server, partial(saturate, page, connections=1))
            refused = partial(saturate_with_refused, page, connections=CONNECTIONS)
            async with _place_taken(server, database):
                refused_kept = await _cost(server, partial(refused, new=False))
            async with _place_taken(server, database):
                refused_new = await _cost(server, partial(refused, new=True))
    return Sample(answered, refused_kept, refused_new)


async def _cost(server: Server, send: Callable[[float], Awaitable[Load]]) -> Cost:
    await send(WARM_UP_SECONDS)
    before, kernel_before = cpu_seconds(server.pid), kernel_seconds(server.pid)
    load = await send(LOAD_SECONDS)
    whole, kernel = cpu_seconds(server.pid) - before, kernel_seconds(server.pid) - kernel_before
    return Cost(whole / load.requests * 1e6, kernel / load.requests * 1e6)


@asynccontextmanager
async def _place_taken(server: Server, database: str) -> AsyncIterator[None]:
    """Have a write that waits for the database's lock take the only place; raise BenchError if it has not kept it."""
    write, ask = Connection(HOST, server.port), Connection(HOST, server.port)
    with closing(sqlite3.connect(database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(
            write.exchange(creation(f"At {time.monotonic()}"), client="bench", timeout_seconds=LIMIT_SECONDS)
        )
        try:
            asked = None
            while asked != REFUSED:  # as soon as the write has the place
                asked = (await ask.exchange(Request(NOTES), client="bench", timeout_seconds=LIMIT_SECONDS)).status
            try:
                yield
            finally:
                if waiting.done():  # which explains whatever went wrong besides
                    raise BenchError("the write that was to keep the place ended before the refusals did")
        finally:
            holder.execute("ROLLBACK")
            await waiting
            write.close()
            ask.close()
