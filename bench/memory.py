"""The memory of one worker after its warm-up, and whether it stays there."""

from dataclasses import dataclass

from bench.contenders import BARE_DATABASE, HELLO, SERVICE, Contender
from bench.effort import Effort
from bench.load import saturate
from bench.process import Server, serving
from bench.rounds import interleaved, ratios, spread
from bench.rows import Row, at_most
from bench.usage import largest_heap_mib, largest_rss_mib, pss_mib

CONTENDERS = (BARE_DATABASE, SERVICE)
FLAT = 1.02
"""What is left to the allocator: a leak of 10 bytes a request would be more over 200,000."""


@dataclass(frozen=True)
class Memory:
    """What one start came to, after the warm-up."""

    worker_mib: float
    tree_mib: float


async def measure(effort: Effort) -> list[Row]:
    """Return the rows."""

    async def one(contender: Contender) -> Memory:
        async with serving(contender) as server:
            await _send(server, effort.memory_warm_up_requests)
            return Memory(largest_rss_mib(server.pid), pss_mib(server.pid))

    samples = await interleaved(CONTENDERS, one, effort.memory_rounds)
    worker = {each: [memory.worker_mib for memory in samples[each]] for each in CONTENDERS}
    whole = {each: [memory.tree_mib for memory in samples[each]] for each in CONTENDERS}
    growth = [await _growth(contender, effort) for contender in CONTENDERS]
    return [
        Row(
            "memory of the worker, (c) to (a) with SQLAlchemy",
            "x",
            ratios(worker[SERVICE], worker[BARE_DATABASE]),
            at_most(1.15),
            "RSS: what the process would need alone",
        ),
        Row(
            "the same with gunicorn's arbiter",
            "x",
            ratios(whole[SERVICE], whole[BARE_DATABASE]),
            note="PSS of all processes",
        ),
        *(Row(f"memory of the worker, {each.name}", "MiB", spread(worker[each])) for each in CONTENDERS),
        *(Row(f"memory of all processes, {each.name}", "MiB", spread(whole[each])) for each in CONTENDERS),
        *growth,
    ]


async def _growth(contender: Contender, effort: Effort) -> Row:
    async with serving(contender) as server:
        await _send(server, effort.memory_warm_up_requests)
        before = largest_heap_mib(server.pid)
        sent = await _send(server, effort.memory_requests)
        after = largest_heap_mib(server.pid)
    return Row(
        f"memory of the worker after {sent} requests to before, {contender.name}",
        "x",
        spread([after / before]),
        at_most(FLAT) if contender is SERVICE else None,
        f"its own, {before:.1f} to {after:.1f} MiB: {(after - before) * 2**20 / sent:.1f} bytes a request",
    )


async def _send(server: Server, requests: int) -> int:
    sent = 0
    while sent < requests:
        sent += (await saturate(server.url(HELLO), seconds=1.0)).requests
    return sent
