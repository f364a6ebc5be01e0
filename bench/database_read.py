"""One note read from PostgreSQL by the service, and by the same query in a bare route."""

from bench.contenders import BARE_DATABASE, SERVICE, Contender
from bench.effort import Effort
from bench.load import saturate
from bench.notes import NOTES, store
from bench.postgres import postgres
from bench.process import serving
from bench.rounds import interleaved, ratios, spread
from bench.rows import Row, at_least
from bench.usage import Sample, cpu_seconds

CONNECTIONS = 5
"""As many as both pools keep: more would measure how SQLAlchemy opens and closes its overflow."""


async def measure(effort: Effort) -> list[Row]:
    """Return the rows; raise HarnessError when PostgreSQL cannot be had."""
    async with postgres() as url:
        service = SERVICE.with_variables(APP_DATABASE_URL=url)
        bare = BARE_DATABASE.with_variables(BENCH_DATABASE_URL=url)
        await store(service, 1)

        async def one(contender: Contender) -> Sample:
            async with serving(contender) as server:
                note = server.url(f"{NOTES}/1")
                await saturate(note, effort.warm_up_seconds, CONNECTIONS)
                before = cpu_seconds(server.pid)
                load = await saturate(note, effort.load_seconds, CONNECTIONS)
                return Sample.of(load, cpu_seconds(server.pid) - before)

        samples = await interleaved((bare, service), one, effort.rounds)
    rates = {contender: [sample.rate for sample in samples[contender]] for contender in (bare, service)}
    cpu_us = {contender: [sample.cpu_us for sample in samples[contender]] for contender in (bare, service)}
    return [
        Row("reads of a note from PostgreSQL/s, (c) to (a)", "x", ratios(rates[service], rates[bare]), at_least(0.9)),
        Row(
            "reads of a note/s of CPU time, (c) to (a)",
            "x",
            ratios(cpu_us[bare], cpu_us[service]),
            note="the server's alone: (a) asks PostgreSQL three times, and waits for it more",
        ),
        *(Row(f"reads of a note/s, {each.name}", "/s", spread(rates[each])) for each in (bare, service)),
        *(Row(f"CPU a read, {each.name}", "us", spread(cpu_us[each])) for each in (bare, service)),
        Row(
            "share of their core that the reading servers had",
            "",
            spread([sample.share for each in (bare, service) for sample in samples[each]]),
            note="the rest they waited for PostgreSQL, or other work disturbed them",
        ),
    ]
