"""What Prometheus reads: every metric of one worker, its name, its labels and their limits.

Several workers are one target: on shared memory (`app.serving.shared_metrics`) each writes a file, and whichever is
scraped adds up all. That is why gauges are sampled: a worker cannot ask another how many requests it has in flight.
"""

import asyncio
import os
from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Callable
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from app.lifecycle import Phase
from app.naming import NAME

NAMESPACE = NAME.replace("-", "_")  # as Prometheus wants names
SHARED_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own variable
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "other"
REFUSED = "refused"  # in place of a route
# From a read of one row to what no client waits for: the limits of a request's time are among the upper ones.
REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ACQUIRE_SECONDS = (0.0001, 0.001, 0.01, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0)


class Pool(Protocol):
    """What is asked of a connection pool (SQLAlchemy's)."""

    def size(self) -> int:
        """Return how many connections it keeps."""

    def checkedout(self) -> int:
        """Return how many are in use."""

    def overflow(self) -> int:
        """Return how many there are above its size; negative below it."""


class Places(Protocol):
    """What is asked of a limit."""

    @property
    def taken(self) -> int:
        """How many of its places are taken."""


class DroppedLines:
    """The lines of the log that this process has dropped, sampled from `dropped`."""

    def __init__(self, registry: CollectorRegistry, dropped: Callable[[], int]) -> None:
        self._dropped = dropped
        self._counted = 0
        self._total = Counter(
            "log_lines_dropped",
            "Lines of the log that were dropped, as nobody has read stdout in time.",
            namespace=NAMESPACE,
            registry=registry,
        )

    def sample(self) -> None:
        """Count those of late."""
        dropped = self._dropped()
        self._total.inc(dropped - self._counted)
        self._counted = dropped


class Metrics:
    """One worker's metrics, made after the fork; what a client sends never becomes a label of its own."""

    def __init__(self, *, version: str, revision: str, dropped_lines: Callable[[], int] = lambda: 0) -> None:
        self.registry = CollectorRegistry()
        self.in_flight = 0
        self._phase: Callable[[], Phase] = lambda: Phase.STARTING
        self._dropped_lines = DroppedLines(self.registry, dropped_lines)
        self._places: tuple[Places, Places] | None = None
        self._pool: Pool | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._answered: dict[tuple[str, str, int], list[float]] = {}
        self._refused: Tally[tuple[str, int]] = Tally()
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

        own: dict[str, Any] = {"namespace": NAMESPACE, "registry": self.registry}
        added_up = own | {"multiprocess_mode": "livesum"}
        self._requests_total = Counter(
            "http_requests", "Requests answered, probes and scrapes apart.", ["method", "route", "status"], **own
        )
        self._request_duration = Histogram(
            "http_request_duration_seconds",
            "Time from a request's head to its answer's last byte.",
            ["method", "route"],
            buckets=REQUEST_SECONDS,
            **own,
        )
        self._in_flight = Gauge("http_requests_in_flight", "Requests being answered.", **added_up)
        self._streams = Gauge("http_streams", "Answers that are streamed.", **added_up)
        self._background = Gauge("background_tasks", "Requests whose background tasks are at work.", **added_up)
        self._workers = Gauge("workers", "Workers by the phase of their lifecycle.", ["phase"], **added_up)
        self._pool_size = Gauge("database_pool_size", "Connections that the pools keep.", **added_up)
        self._pool_limit = Gauge("database_pool_limit", "Connections that the pools may open.", **added_up)
        self._pool_checked_out = Gauge("database_pool_checked_out", "Connections in use.", **added_up)
        self._pool_overflow = Gauge("database_pool_overflow", "Connections open above the pools' size.", **added_up)
        self._pool_acquire = Histogram(
            "database_pool_acquire_seconds",
            "Time to get a connection: waiting for one, opening it, asking whether it lives.",
            buckets=ACQUIRE_SECONDS,
            **own,
        )
        self._dependency_up = Gauge(
            "dependency_up",
            "Whether the dependency answered when readiness last asked.",
            ["dependency"],
            multiprocess_mode="livemostrecent",
            **own,
        )
        build = Gauge("build_info", "The running build.", ["version", "revision"], multiprocess_mode="livemax", **own)
        build.labels(version, revision).set(1)

    def watch(self, phase: Callable[[], Phase]) -> None:
        """Sample the worker's phase from `phase`."""
        self._phase = phase

    def watch_places(self, streams: Places, background: Places) -> None:
        """Sample how many streams and background tasks there are."""
        self._places = streams, background

    def watch_pool(self, pool: Pool, limit: int) -> None:
        """Sample a pool that opens up to `limit` connections."""
        self._pool = pool
        self._pool_limit.set(limit)

    def request_answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request of a route's template, and its time."""
        if method not in METHODS:
            method = OTHER_METHOD
        if not (self._answered or self._refused) and self._loop:
            self._loop.call_soon(self.count)
        self._answered.setdefault((method, route, status), []).append(seconds)
        if not self._loop:
            self.count()

    def request_refused(self, method: str, status: int) -> None:
        """Count a request that was never begun: no route was looked for, and no time is told that would look fast."""
        if method not in METHODS:
            method = OTHER_METHOD
        if not (self._answered or self._refused) and self._loop:
            self._loop.call_soon(self.count)
        self._refused[method, status] += 1
        if not self._loop:
            self.count()

    def count_by_turns(self, loop: asyncio.AbstractEventLoop) -> None:
        """Count what happens from now on at the end of this loop's turns: many cost little more than one."""
        self._loop = loop

    def count(self) -> None:
        """Count what is not counted yet."""
        for (method, status), requests in self._refused.items():
            self._requests_total.labels(method, REFUSED, status).inc(requests)
        self._refused.clear()
        answered, self._answered = self._answered, {}
        for labels, seconds in answered.items():
            children = self._children.get(labels)
            if children is None:
                method, route, status = labels
                total = self._requests_total.labels(method, route, status)
                children = self._children[labels] = total, self._request_duration.labels(method, route)
            total, duration = children
            total.inc(len(seconds))
            # As `observe` does, which takes one at a time.
            duration._sum.inc(sum(seconds))  # noqa: SLF001
            for bucket, count in Tally(bisect_left(REQUEST_SECONDS, each) for each in seconds).items():
                duration._buckets[bucket].inc(count)  # noqa: SLF001

    def connection_acquired(self, seconds: float) -> None:
        """Count one connection taken from the pool, and the time it took."""
        self._pool_acquire.observe(seconds)

    def dependency_asked(self, name: str, *, up: bool) -> None:
        """Note what readiness has just learnt about a dependency."""
        self._dependency_up.labels(name).set(up)

    def sample(self) -> None:
        """Set the gauges to what they are now."""
        self._in_flight.set(self.in_flight)
        now = self._phase()
        for phase in Phase:
            self._workers.labels(phase.replace(" ", "_")).set(phase is now)
        self._dropped_lines.sample()
        if self._places:
            streams, background = self._places
            self._streams.set(streams.taken)
            self._background.set(background.taken)
        if self._pool:
            self._pool_size.set(self._pool.size())
            self._pool_checked_out.set(self._pool.checkedout())
            self._pool_overflow.set(max(0, self._pool.overflow()))

    def exposition(self) -> bytes:
        """Return all workers' metrics in Prometheus's text format, this worker's as of now."""
        self.sample()
        registry = self.registry
        if SHARED_DIRECTORY in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no annotations
        return generate_latest(registry)
