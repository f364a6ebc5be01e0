"""What each part of the service costs a request: the whole, less the whole without it, in a process without sockets."""

import tempfile
from pathlib import Path

from bench.effort import Effort
from bench.process import python_in
from bench.pythons import image
from bench.rounds import differences, interleaved, spread
from bench.rows import Row
from bench.servers.in_process import BARE, PARTS, SERVICE, STOCK_PROTOCOL
from seatrial.command import Command
from seatrial.podman.client import environment

LIMIT_SECONDS = 120.0


async def measure(effort: Effort) -> list[Row]:
    """Return the rows."""
    left_out = (*PARTS, STOCK_PROTOCOL)
    samples = await interleaved((BARE, SERVICE, *left_out), _microseconds, effort.parts_rounds)
    return [
        Row("CPU a request without sockets, (a)", "us", spread(samples[BARE])),
        Row("CPU a request without sockets, (c)", "us", spread(samples[SERVICE])),
        *(
            Row(
                f"part of (c): {part}",
                "us",
                differences(samples[SERVICE], samples[part]),
                note="(c) less (c) without it",
            )
            for part in left_out
        ),
    ]


async def _microseconds(what: str) -> float:
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as directory:
        argv = python_in(await image(), f"seatrial-bench-{Path(directory).name}", {}, directory)
        command = Command((*argv, "-m", "bench.servers.in_process", what), LIMIT_SECONDS, env=environment())
        # The access log goes to stdout, the result to stderr.
        printed = (await command.run()).check().stderr
    return float(printed.splitlines()[-1])
