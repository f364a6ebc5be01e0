"""How long the service's imports take in its container, and which packages take most of it."""

import re
from collections import Counter

from bench import podman
from bench.cores import SERVERS
from bench.effort import Effort
from bench.rounds import Spread, ratios, spread
from bench.rows import Row, at_most
from images import service

MODULES = "app.__main__, app.serving.gunicorn, app.serving.worker"
"""What `python -m app serve` imports before a worker is ready."""
LIBRARIES = (
    "asyncio, fastapi, gunicorn.app.base, prometheus_client, pydantic_settings, sqlalchemy.ext.asyncio, structlog, "
    "uvicorn_worker"
)
"""What of it is none of the service's own: the floor, with these libraries."""
TIMED = """import gc, time
gc.disable()
began, used = time.perf_counter(), time.process_time()
import {modules}
print(time.perf_counter() - began, time.process_time() - used)"""
SHOWN = 6
LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+([\w.]+)")


async def measure(effort: Effort) -> list[Row]:
    """Return the rows: the whole, and the packages that take most of it by themselves."""
    image = await service.built(tell=print)
    timed, libraries = [], []
    for _ in range(effort.imports):
        timed.append(await _seconds(image, MODULES))
        libraries.append(await _seconds(image, LIBRARIES))
    shares: dict[str, list[float]] = {}
    for _ in range(effort.imports):
        for package, share in by_package(await _python(image, "-X", "importtime", "-c", f"import {MODULES}")).items():
            shares.setdefault(package, []).append(1000 * share)
    dominant = sorted(((package, spread(each)) for package, each in shares.items()), key=_by_median)[:SHOWN]
    return [
        Row("import of the service, in the container", "s", spread([wall for wall, _ in timed]), at_most(0.4)),
        Row(
            "import of the service to that of its libraries alone, CPU time",
            "x",
            ratios([cpu for _, cpu in timed], [cpu for _, cpu in libraries]),
            note="above 1 is the service's own, whatever the machine",
        ),
        Row("import of the service, CPU time", "s", spread([cpu for _, cpu in timed]), note="the same without waiting"),
        Row(
            "import of its libraries alone, in the container",
            "s",
            spread([wall for wall, _ in libraries]),
            note="the floor, with these libraries; the service imports nothing of Alembic, no driver and no exporter",
        ),
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


async def _seconds(image: str, modules: str) -> tuple[float, float]:
    wall, cpu = map(float, (await _python(image, "-c", TIMED.format(modules=modules))).split())
    return wall, cpu


async def _python(image: str, *arguments: str) -> str:
    options = ("--rm", "--network=none", "--cpus=1", f"--cpuset-cpus={SERVERS}", "--entrypoint=sh")
    # -X importtime prints on stderr.
    return await podman.podman("run", *options, image, "-c", 'exec python "$@" 2>&1', "python", *arguments)
