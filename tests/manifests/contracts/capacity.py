"""What the service needs of CPU, memory and time, by what the benchmark has measured: bench/results/results.json."""

import json
import re
from collections.abc import Iterator
from functools import cache

from seatrial.contracts.arithmetic import Term, at_most, term
from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from seatrial.contracts.probes import patience
from seatrial.contracts.resources import MEBIBYTE, in_memory
from tests.manifests.contracts.service import counted_workers, services
from tests.manifests.overlay import CHECKOUT

RESULTS = CHECKOUT / "bench" / "results" / "results.json"
START = "container's start to first 200, one core"
WORKER = r"memory of the worker, \(c\) this service"
PROCESSES = r"memory of all processes, \(c\) this service"
GROWTH = r"memory of the worker after \d+ requests to before, \(c\)"
SHARED_MEMORY = term("shared memory MiB", 64, "what runtimes give it; the metrics are there")


@cache
def _worst(row: str) -> float:
    """Return the highest figure of the benchmark's row whose name begins like this pattern."""
    found = [each for each in json.loads(RESULTS.read_text())["rows"] if re.match(row, each["what"])]
    if len(found) != 1:
        raise LookupError(f"{RESULTS}: {len(found)} rows are named like {row!r}, not one")
    return float(found[0]["measured"]["high"])


@contract
def startup_budget_holds_the_worst_start(overlay: Overlay) -> Iterator[Check]:
    """The startup budget holds the worst start measured, with no more CPU than is requested: a busy node gives that."""
    for service in services(overlay):
        if (probe := service.container.probes.get("startup")) is None:
            yield Check(service.container.where, holds=False, text="there is no startup probe")
            continue
        share = min(1.0, service.container.request("cpu") or 1.0)
        slower = term("a core to the cpu request", 1 / share, f"{share:g} of a core")
        yield at_most(
            service.container.where, term("start", _worst(START), "measured with one core") * slower, patience(probe)
        )


@contract
def memory_holds_the_workers(overlay: Overlay) -> Iterator[Check]:
    """The memory limit holds the workers as measured and grown, their arbiter, the metrics, and volumes in memory."""
    for service in services(overlay):
        limit = service.container.limit("memory")
        if limit is not None:
            workers = service.workers * term("RSS MiB", _worst(WORKER), "measured")
            arbiter = term("arbiter MiB", _worst(PROCESSES) - _worst(WORKER), "measured, beside one worker")
            needed = (workers + arbiter) * term("growth", _worst(GROWTH), "measured") + SHARED_MEMORY
            needed = sum(in_memory(service.container), needed)
            yield at_most(service.container.where, needed, term("memory limit MiB", limit / MEBIBYTE))


@contract
def workers_follow_the_cpu_limit(overlay: Overlay) -> Iterator[Check]:
    """There is a CPU limit, and one worker for each whole CPU of it, as app/cpus.py counts, whoever sets the number."""
    for service in services(overlay):
        limit = service.container.limit("cpu")
        if limit is None:
            yield Check(
                service.container.where, holds=False, text="there is no cpu limit: one worker, whatever the node has"
            )
        else:
            wanted: Term = term("whole CPUs", counted_workers(limit), f"cpu limit {limit:g}")
            holds = service.workers.value == wanted.value
            yield Check(service.container.where, holds, f"{service.workers} {'=' if holds else 'is not'} {wanted}")
