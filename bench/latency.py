"""The 99th percentile at a steady rate: each at half of what it can do itself, and both at half of what (c) can do.

At one rate the slower server is busier, and its requests wait more for their turn, by 1 / (1 - busy): that multiplies
each difference between machines, and between one minute and the next. As busy as each other, they compare on any.
"""

from dataclasses import dataclass

from bench.contenders import BARE, HELLO, SERVICE, Contender
from bench.effort import Effort
from bench.load import Load, saturate, steady
from bench.process import Server, serving
from bench.rounds import ratios, spread
from bench.rows import Row, at_most
from bench.usage import cpu_seconds

CONTENDERS = (BARE, SERVICE)


@dataclass(frozen=True)
class Sample:
    """One steady load: how it was answered, and for which part of the time the server was busy."""

    load: Load
    busy: float


async def measure(effort: Effort) -> list[Row]:
    """Return the rows."""
    own: dict[Contender, list[Sample]] = {contender: [] for contender in CONTENDERS}
    alike: dict[Contender, list[Sample]] = {contender: [] for contender in CONTENDERS}
    for _ in range(effort.rounds):
        # What each can do is measured in the same process, just before: a slow minute of the machine is a lower rate.
        async with serving(SERVICE) as server:
            rate = await _capacity(server, effort) / 2
            own[SERVICE].append(await _steady(server, rate, effort))
        alike[SERVICE].append(own[SERVICE][-1])
        async with serving(BARE) as server:
            own[BARE].append(await _steady(server, await _capacity(server, effort) / 2, effort))
            alike[BARE].append(await _steady(server, rate, effort))
    rates = spread([sample.load.rate for sample in alike[SERVICE]])
    return [
        Row(
            "p99, each at half of its own capacity, (c) to (a)",
            "x",
            ratios(_p99s(own[SERVICE]), _p99s(own[BARE])),
            at_most(1.2),
            "as busy as each other",
        ),
        Row(
            "p99, both at half of the capacity of (c), (c) to (a)",
            "x",
            ratios(_p99s(alike[SERVICE]), _p99s(alike[BARE])),
            at_most(1.2),
            f"{rates.low:.0f} to {rates.high:.0f} requests/s",
        ),
        Row(
            "the same, expected of the time that each is busy",
            "x",
            ratios(_queueing(alike[SERVICE]), _queueing(alike[BARE])),
            note="busy / (1 - busy), (c) to (a): waiting for one's turn, and nothing else",
        ),
        *(_busy(contender, own[contender], "half of its own capacity") for contender in CONTENDERS),
        _busy(BARE, alike[BARE], "half of the capacity of (c)"),
        *(Row(f"p99 at half of its own capacity, {each.name}", "ms", spread(_p99s(own[each]))) for each in CONTENDERS),
        *(Row(f"p50 at half of its own capacity, {each.name}", "ms", spread(_p50s(own[each]))) for each in CONTENDERS),
    ]


async def _capacity(server: Server, effort: Effort) -> float:
    await saturate(server.url(HELLO), effort.warm_up_seconds)
    return (await saturate(server.url(HELLO), effort.load_seconds)).rate


async def _steady(server: Server, rate: float, effort: Effort) -> Sample:
    before = cpu_seconds(server.pid)
    load = await steady(server.url(HELLO), rate, effort.latency_seconds)
    return Sample(load, (cpu_seconds(server.pid) - before) / load.seconds)


def _p99s(samples: list[Sample]) -> list[float]:
    return [sample.load.p99_ms for sample in samples]


def _p50s(samples: list[Sample]) -> list[float]:
    return [sample.load.p50_ms for sample in samples]


def _queueing(samples: list[Sample]) -> list[float]:
    return [sample.busy / (1 - sample.busy) for sample in samples]


def _busy(contender: Contender, samples: list[Sample], at: str) -> Row:
    return Row(f"busy at {at}, {contender.name}", "", spread([sample.busy for sample in samples]))
