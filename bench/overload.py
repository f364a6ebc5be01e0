"""What becomes of a service of which more is asked than it can do.

Each has one worker, half a core, 256 MiB, and a page of notes from SQLite to answer with. What it can do is measured
first, in the same process, by clients that wait for their answers; then requests come at a multiple of that, whether
they are answered or not, with probes beside them as a kubelet sends them.
"""

import asyncio
import math
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from bench import open_loop
from bench.contenders import BARE_DATABASE, SERVICE, TUTORIAL_DATABASE, Contender
from bench.effort import Effort
from bench.errors import BenchError
from bench.exchanges import UNANSWERED, Outcome
from bench.notes import NOTES, store
from bench.open_loop import Source
from bench.process import Server, serving
from bench.rounds import Spread, spread
from bench.rows import Goal, Row, at_least, at_most
from bench.usage import tree
from seatrial.errors import HarnessError

HALF_A_CORE = ("--cpus=0.5", "--memory=256m")
CLIENTS = 12
PAGE = 20
PROBES_A_SECOND = 1.0
PROBE_TIMEOUT_SECONDS = 5.0
GOODPUT = {2.0: at_least(0.95), 5.0: at_least(0.85), 10.0: at_least(0.7)}
P99 = at_most(1.0)
PROBE = at_most(0.5)
WATCH_SECONDS = 0.5


@dataclass(frozen=True)
class Subject:
    """A contender, and what is asked to learn whether it is ready, and whether it lives."""

    contender: Contender
    probes: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """What became of one multiple of what a server can do; rates a second, None where nothing was answered."""

    capacity: float
    offered: float
    goodput: float
    p99_seconds: float | None
    refused: int
    unanswered: int
    probes: int
    probes_failed: int
    slowest_probe_seconds: float
    restarts: int

    @classmethod
    def of(
        cls, capacity: float, seconds: float, asked: Sequence[Outcome], probed: Sequence[Outcome], restarts: int
    ) -> "Sample":
        """Return what the outcomes of a load of so many seconds come to."""
        good = sorted(outcome.seconds for outcome in asked if _is_good(outcome))
        unanswered = sum(outcome.status == UNANSWERED for outcome in asked)
        return cls(
            capacity=capacity,
            offered=len(asked) / seconds,
            goodput=goodput(asked, seconds),
            p99_seconds=good[math.ceil(len(good) * 0.99) - 1] if good else None,
            refused=len(asked) - len(good) - unanswered,
            unanswered=unanswered,
            probes=len(probed),
            probes_failed=sum(not _is_good(outcome) for outcome in probed),
            slowest_probe_seconds=max(outcome.seconds for outcome in probed),
            restarts=restarts,
        )


def goodput(outcomes: Sequence[Outcome], seconds: float) -> float:
    """Return the good answers a second that came within so many seconds: one that comes later has only waited."""
    return sum(_is_good(outcome) and outcome.due_at + outcome.seconds <= seconds for outcome in outcomes) / seconds


def _is_good(outcome: Outcome) -> bool:
    return 200 <= outcome.status < 300  # noqa: PLR2004 - HTTP's successes


async def measure(effort: Effort) -> list[Row]:
    """Return the rows."""
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as directory:
        url = f"sqlite+aiosqlite:///{directory}/notes.db"
        variables, volume = {"APP_DATABASE_URL": url, "BENCH_DATABASE_URL": url}, f"--volume={directory}:{directory}"
        await store(SERVICE.with_variables(**variables).with_options(volume), PAGE)
        rows: list[Row] = []
        for contender, probes in (
            (BARE_DATABASE, (BARE_DATABASE.ready_path,)),
            (TUTORIAL_DATABASE, (TUTORIAL_DATABASE.ready_path,)),
            (replace(SERVICE, before=()), (SERVICE.ready_path, "/health/live")),
        ):
            limited = contender.with_variables(**variables).with_options(volume, *HALF_A_CORE)
            rows += await _rows(Subject(limited, probes), effort, goals=contender.name == SERVICE.name)
    return rows


async def _rows(subject: Subject, effort: Effort, *, goals: bool) -> list[Row]:
    rows: list[Row] = []
    samples: list[Sample] = []
    name = subject.contender.name
    for multiple in effort.overload_multiples:
        good, p99 = f"goodput at {multiple:g} x capacity, {name}", f"p99 at {multiple:g} x capacity, {name}"
        try:
            sample = await _sample(subject, multiple, effort)
        except (BenchError, HarnessError) as error:
            rows.append(Row(good, "x", None, GOODPUT.get(multiple) if goals else None, str(error)))
            continue
        samples.append(sample)
        ratio = spread([sample.goodput / sample.capacity])
        rows += [
            Row(good, "x", ratio, GOODPUT.get(multiple) if goals else None, _told(sample)),
            Row(p99, "s", _spread(sample.p99_seconds), P99 if goals else None, "" if ratio.median else "none was good"),
        ]
    if samples:
        rows += _summary(samples, name, at_most(0) if goals else None, PROBE if goals else None)
    return rows


def _told(sample: Sample) -> str:
    return (
        f"of {sample.capacity:.0f}/s; {sample.offered:.0f}/s offered, {sample.goodput:.0f} good; "
        f"in all {sample.refused} refused, {sample.unanswered} unanswered"
    )


def _summary(samples: Sequence[Sample], name: str, none: Goal | None, slowest_goal: Goal | None) -> list[Row]:
    probes, failed = sum(sample.probes for sample in samples), sum(sample.probes_failed for sample in samples)
    restarts = sum(sample.restarts for sample in samples)
    slowest = max(sample.slowest_probe_seconds for sample in samples)
    return [
        Row(f"capacity, {name}", "/s", spread([sample.capacity for sample in samples]), note=f"{CLIENTS} clients"),
        Row(f"failed probes beside these loads, {name}", "", spread([failed]), none, f"of {probes}"),
        Row(f"slowest probe beside these loads, {name}", "s", spread([slowest]), slowest_goal),
        Row(f"processes that ended under these loads, {name}", "", spread([restarts]), none),
    ]


def _spread(value: float | None) -> Spread | None:
    return None if value is None else spread([value])


async def _sample(subject: Subject, multiple: float, effort: Effort) -> Sample:
    async with serving(subject.contender) as server:
        page = Source(NOTES, rate=1.0)
        await open_loop.run(server.port, [page], effort.warm_up_seconds, CLIENTS)
        (closed,) = await open_loop.run(server.port, [page], effort.overload_capacity_seconds, CLIENTS)
        capacity = goodput(closed, effort.overload_capacity_seconds)
        if not capacity:
            raise BenchError("none of the requests that were to tell the capacity was answered")
        probes = [Source(path, PROBES_A_SECOND, PROBE_TIMEOUT_SECONDS) for path in subject.probes]
        seconds = effort.overload_seconds
        load = asyncio.create_task(open_loop.run(server.port, [Source(NOTES, capacity * multiple), *probes], seconds))
        restarts = await _ended(server, load)
        asked, *probed = await load
        return Sample.of(capacity, seconds, asked, [each for ended in probed for each in ended], restarts)


async def _ended(server: Server, load: "asyncio.Task[list[list[Outcome]]]") -> int:
    """Return how many of the server's processes have ended by the end of the load, as workers do that are replaced."""
    seen: set[int] = set()
    alive: set[int] = set()
    while not load.done():
        alive = set()
        with suppress(FileNotFoundError, ProcessLookupError):
            alive = set(tree(server.pid))
        seen |= alive
        await asyncio.wait([load], timeout=WATCH_SECONDS)
    return len(seen - alive)
