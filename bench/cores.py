"""Two cores: the servers have one, and everything else of the benchmark the other."""

import os

from bench.errors import BenchError

NEEDED = 2
_AVAILABLE = sorted(os.sched_getaffinity(0))
SERVERS, LOAD = _AVAILABLE[0], _AVAILABLE[-1]


def keep_to_the_load() -> None:
    """Leave the servers' core to them; what this process starts stays away from it, too, unless it is told."""
    if len(_AVAILABLE) < NEEDED:
        raise BenchError("two cores are needed: on one, the load would be measured along with the server")
    os.sched_setaffinity(0, {LOAD})
