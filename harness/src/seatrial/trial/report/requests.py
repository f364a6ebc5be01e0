"""Thousands of requests, thinned to what a plot can show: columns of time in which every failure stays visible."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import quantiles

from seatrial.traffic.exchange import Failure
from seatrial.trial.report.document import RequestDocument


class Result(StrEnum):
    """What a request came to, as far as a reader tells them apart."""

    ANSWERED = "answered"
    FAILED = "failed"
    SERVER_ERROR = "status 5xx"
    REUSED = "closed on reuse"
    CLIENT_ERROR = "status 4xx"


PROBLEMS = (Result.FAILED, Result.SERVER_ERROR, Result.REUSED, Result.CLIENT_ERROR)


def result(request: RequestDocument) -> Result:
    """Return it; a reused connection that ends without an answer is apart, as a client may retry (RFC 9110 9.2.2)."""
    if request.failure is Failure.CLOSED_REUSED:
        return Result.REUSED
    if request.failure or request.status is None:
        return Result.FAILED
    if request.status >= 500:
        return Result.SERVER_ERROR
    return Result.ANSWERED if 200 <= request.status < 400 else Result.CLIENT_ERROR


@dataclass(frozen=True)
class Column:
    """The requests that were sent in one short time; the latencies in seconds are of those that were answered."""

    begin: float
    end: float
    counts: Counter[Result]
    what: Counter[str]
    latencies: tuple[float, ...]
    problem_seconds: tuple[float, ...]

    @property
    def total(self) -> int:
        """How many there were."""
        return self.counts.total()

    @property
    def problems(self) -> int:
        """How many were not answered well."""
        return sum(self.counts[each] for each in PROBLEMS)


def columns(requests: Iterable[RequestDocument], seconds: float, number: int) -> tuple[Column, ...]:
    """Return the columns that have requests, of `number` equal ones in so many seconds."""
    width = max(seconds, 1e-9) / number
    found: dict[int, list[RequestDocument]] = {}
    for request in requests:
        found.setdefault(min(max(math.floor(request.sent / width), 0), number - 1), []).append(request)
    return tuple(_column(at * width, width, found[at]) for at in sorted(found))


def _column(begin: float, width: float, requests: Sequence[RequestDocument]) -> Column:
    results = [result(request) for request in requests]
    pairs = list(zip(requests, results, strict=True))
    return Column(
        begin=begin,
        end=begin + width,
        counts=Counter(results),
        what=Counter(outcome(request) for request, each in pairs if each is not Result.ANSWERED),
        latencies=tuple(request.seconds for request, each in pairs if each is Result.ANSWERED),
        problem_seconds=tuple(request.seconds for request, each in pairs if each is not Result.ANSWERED),
    )


def outcome(request: RequestDocument) -> str:
    """Return what became of a request in a few words."""
    return str(request.failure or (f"status {request.status}" if request.status else "no answer"))


@dataclass(frozen=True)
class Tally:
    """One way of sending: how many requests came to what, and how long the answered ones took, in milliseconds."""

    client: str
    total: int
    counts: dict[Result, int]
    what: str
    milliseconds: tuple[float, float, float] | None


def tallies(requests: Sequence[RequestDocument]) -> tuple[Tally, ...]:
    """Return one for each way of sending."""
    clients = dict.fromkeys(request.client for request in requests)
    return tuple(_tally(client, [each for each in requests if each.client == client]) for client in clients)


def _tally(client: str, requests: Sequence[RequestDocument]) -> Tally:
    whole = _column(0.0, 0.0, requests)
    words = ", ".join(f"{count:,} {what}" for what, count in whole.what.most_common())
    return Tally(client, len(requests), dict(whole.counts), words, _milliseconds(whole.latencies))


def _milliseconds(latencies: Sequence[float]) -> tuple[float, float, float] | None:
    """Return median, 99th percentile and the most."""
    if not latencies:
        return None
    cuts = quantiles(latencies, n=100, method="inclusive") if len(latencies) > 1 else [latencies[0]] * 99
    return tuple(1000 * each for each in (cuts[49], cuts[98], max(latencies)))  # type: ignore[return-value]  # three
