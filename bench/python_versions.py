"""The service on the image's Python and on those beside it: requests a second, and the CPU time of each."""

from dataclasses import replace

from bench.contenders import HELLO, SERVICE, Contender
from bench.effort import Effort
from bench.errors import BenchError
from bench.load import saturate
from bench.process import serving
from bench.pythons import OTHERS
from bench.rounds import interleaved, ratios, spread
from bench.rows import Row
from bench.usage import Sample, cpu_seconds
from seatrial.errors import HarnessError


async def measure(effort: Effort) -> list[Row]:
    """Return the rows: for a Python that cannot be had, one that says why."""
    rows = []
    for python in OTHERS:
        other = replace(SERVICE, name=f"{SERVICE.name} on Python {python}", python=python)
        try:
            rows += await _beside(other, effort)
        except (BenchError, HarnessError) as error:
            rows.append(Row(f"on Python {python}: requests/s", "", None, note=str(error).splitlines()[0]))
    return rows


async def _beside(other: Contender, effort: Effort) -> list[Row]:
    async def one(contender: Contender) -> Sample:
        async with serving(contender) as server:
            await saturate(server.url(HELLO), effort.warm_up_seconds)
            before = cpu_seconds(server.pid)
            load = await saturate(server.url(HELLO), effort.load_seconds)
            return Sample.of(load, cpu_seconds(server.pid) - before)

    samples = await interleaved((SERVICE, other), one, effort.rounds)
    of_other, of_ours = samples[other], samples[SERVICE]
    on = f"on Python {other.python}"
    return [
        Row(
            f"{on}: requests/s, to the image's",
            "x",
            ratios([each.rate for each in of_other], [each.rate for each in of_ours]),
        ),
        Row(
            f"{on}: requests/s of CPU time, to the image's",
            "x",
            ratios([each.cpu_us for each in of_ours], [each.cpu_us for each in of_other]),
        ),
        Row(f"{on}: requests/s", "/s", spread([each.rate for each in of_other])),
    ]
