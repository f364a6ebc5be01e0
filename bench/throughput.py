"""Requests a second on the trivial route, and the CPU time of each, with one worker that is saturated."""

from bench.contenders import BARE, HELLO, SERVICE, TUTORIAL_ONE_WORKER, Contender
from bench.effort import Effort
from bench.load import saturate
from bench.process import serving
from bench.rounds import differences, interleaved, ratios, spread
from bench.rows import Row, at_least, at_most
from bench.usage import Sample, cpu_seconds

CONTENDERS = (BARE, TUTORIAL_ONE_WORKER, SERVICE)


async def measure(effort: Effort) -> list[Row]:
    """Return the rows."""

    async def one(contender: Contender) -> Sample:
        async with serving(contender) as server:
            await saturate(server.url(HELLO), effort.warm_up_seconds)
            before = cpu_seconds(server.pid)
            load = await saturate(server.url(HELLO), effort.load_seconds)
            return Sample.of(load, cpu_seconds(server.pid) - before)

    samples = await interleaved(CONTENDERS, one, effort.rounds)
    rates = {contender: [sample.rate for sample in samples[contender]] for contender in CONTENDERS}
    cpu_us = {contender: [sample.cpu_us for sample in samples[contender]] for contender in CONTENDERS}
    return [
        Row("requests/s, (c) to (a)", "x", ratios(rates[SERVICE], rates[BARE]), at_least(0.85)),
        Row(
            "requests/s of CPU time, (c) to (a)",
            "x",
            ratios(cpu_us[BARE], cpu_us[SERVICE]),
            note="the same, if other work took the core from neither",
        ),
        Row(
            "CPU a request, (c) over (a)",
            "us",
            differences(cpu_us[SERVICE], cpu_us[BARE]),
            at_most(25),
            "by parts below, and in bench/README.md (The floor)",
        ),
        Row(
            "requests/s, (c) to (b)",
            "x",
            ratios(rates[SERVICE], rates[TUTORIAL_ONE_WORKER]),
            at_least(2.5),
            "(b) with one worker, without `max_requests`",
        ),
        *(Row(f"requests/s, {each.name}", "/s", spread(rates[each])) for each in CONTENDERS),
        *(Row(f"CPU a request, {each.name}", "us", spread(cpu_us[each])) for each in CONTENDERS),
        Row(
            "share of their core that the saturated servers had",
            "",
            spread([sample.share for contender in CONTENDERS for sample in samples[contender]]),
            note="well below 1, other work disturbed the requests/s",
        ),
    ]
