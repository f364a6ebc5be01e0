"""The 99th percentile at one steady rate for both: half of what the service, the slower of the two, can do."""

from bench.contenders import BARE, HELLO, SERVICE, Contender
from bench.effort import Effort
from bench.load import Load, saturate, steady
from bench.process import serving
from bench.rounds import interleaved, ratios, spread
from bench.rows import Row, at_most

CONTENDERS = (BARE, SERVICE)


async def measure(effort: Effort) -> list[Row]:
    """Return the rows."""
    async with serving(SERVICE) as server:
        await saturate(server.url(HELLO), effort.warm_up_seconds)
        rate = (await saturate(server.url(HELLO), effort.load_seconds)).rate / 2

    async def one(contender: Contender) -> Load:
        async with serving(contender) as server:
            await saturate(server.url(HELLO), effort.warm_up_seconds)
            return await steady(server.url(HELLO), rate, effort.latency_seconds)

    loads = await interleaved(CONTENDERS, one, effort.rounds)
    p99_ms = {contender: [load.p99_ms for load in loads[contender]] for contender in CONTENDERS}
    p50_ms = {contender: [load.p50_ms for load in loads[contender]] for contender in CONTENDERS}
    sent = spread([load.rate for contender in CONTENDERS for load in loads[contender]])
    note = f"{rate:.0f} requests/s asked for, {sent.low:.0f} to {sent.high:.0f} sent"
    return [
        Row("p99 at half capacity, (c) to (a)", "x", ratios(p99_ms[SERVICE], p99_ms[BARE]), at_most(1.2), note),
        *(Row(f"p99 at half capacity, {each.name}", "ms", spread(p99_ms[each])) for each in CONTENDERS),
        *(Row(f"p50 at half capacity, {each.name}", "ms", spread(p50_ms[each])) for each in CONTENDERS),
    ]
