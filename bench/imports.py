"""How long the service's imports take, and which packages take most of it."""

import re
import sys
from collections import Counter

from bench.cores import on_servers_core
from bench.effort import Effort
from bench.process import CHECKOUT
from bench.rounds import Spread, spread
from bench.rows import Row, at_most
from tests.harness.command import Command

MODULES = "app.__main__, app.serving.gunicorn, app.serving.worker"
"""What `python -m app serve` imports before a worker is ready."""
TIMED = f"import time; began = time.perf_counter(); import {MODULES}; print(time.perf_counter() - began)"
SHOWN = 6
LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+([\w.]+)")


async def measure(effort: Effort) -> list[Row]:
    """Return the rows: the whole, and the packages that take most of it by themselves."""
    await _python("-c", TIMED)  # whatever has no bytecode yet gets it
    seconds = [float((await _python("-c", TIMED))[0]) for _ in range(effort.imports)]
    shares: dict[str, list[float]] = {}
    for _ in range(effort.imports):
        for package, share in by_package((await _python("-X", "importtime", "-c", f"import {MODULES}"))[1]).items():
            shares.setdefault(package, []).append(1000 * share)
    dominant = sorted(((package, spread(each)) for package, each in shares.items()), key=_by_median)[:SHOWN]
    return [
        Row("import of the service", "s", spread(seconds), at_most(0.4)),
        *(
            Row(f"import, of it `{package}`", "ms", measured, note="its own modules, under -X importtime")
            for package, measured in dominant
        ),
    ]


def by_package(printed: str) -> dict[str, float]:
    """Return the seconds that each top-level package's own modules took, from what -X importtime prints."""
    seconds: Counter[str] = Counter()
    for microseconds, module in LINE.findall(printed):
        seconds[module.partition(".")[0]] += int(microseconds)
    return {package: each / 1e6 for package, each in seconds.items()}


def _by_median(package: tuple[str, Spread]) -> float:
    return -package[1].median


async def _python(*arguments: str) -> tuple[str, str]:
    argv = on_servers_core((sys.executable, *arguments))
    completed = (await Command(argv, cwd=CHECKOUT).run()).check()
    return completed.stdout, completed.stderr
