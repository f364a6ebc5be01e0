"""Load by wrk: as much as a server can take, or a steady rate."""

import json
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError
from seatrial.command import Command

SCRIPT = Path(__file__).with_name("load.lua")
SATURATING_CONNECTIONS = 32
STEADY_CONNECTIONS = 256
"""So many that each waits long between its requests, and an answer's latency hardly changes the rate."""


@dataclass(frozen=True)
class Load:
    """What was sent, and how long the answers took; a failed request makes a measurement void."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


async def saturate(url: str, seconds: float, connections: int = SATURATING_CONNECTIONS) -> Load:
    """Send on every connection the next request as soon as the last is answered."""
    return await _wrk(url, seconds, connections, {})


async def saturate_with_refused(url: str, seconds: float, connections: int, *, new: bool) -> Load:
    """Do the same with requests that have to be answered by 503, each on a new connection or on one that is kept."""
    options = ("--header=Connection: close",) if new else ()
    return await _wrk(url, seconds, connections, {"BENCH_STATUS": "503"}, *options)


async def steady(url: str, rate: float, seconds: float) -> Load:
    """Send `rate` requests a second at random moments, whatever the answers take up to a connection's mean wait."""
    return await _wrk(url, seconds, STEADY_CONNECTIONS, {"BENCH_THINK_MS": str(1000 * STEADY_CONNECTIONS / rate)})


async def _wrk(url: str, seconds: float, connections: int, environment: dict[str, str], *more: str) -> Load:
    options = ("--threads=1", f"--connections={connections}", f"--duration={seconds:.0f}s", "--timeout=10s")
    command = Command(("wrk", *options, *more, f"--script={SCRIPT}", url), seconds + 60.0, env=environment)
    return parse((await command.run()).check().stdout)


def parse(printed: str) -> Load:
    """Return the load that load.lua printed; raise BenchError when requests failed."""
    found = json.loads(printed.strip().splitlines()[-1])
    if found["failed"] or not found["requests"]:
        raise BenchError(f"{found['failed']} of {found['requests']} requests failed: their speed means nothing")
    seconds = found["microseconds"] / 1e6
    return Load(found["requests"], seconds, found["p50_us"] / 1000, found["p99_us"] / 1000)
