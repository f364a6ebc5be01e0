"""The entry, `python -m bench [--quick] [--into DIRECTORY] [MEASUREMENT ...]`: it wires, and prints rows at once."""

import argparse
import asyncio
import shlex
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from textwrap import shorten

from bench import (
    database_read,
    image_contents,
    image_size,
    imports,
    latency,
    machine,
    memory,
    overload,
    parts,
    python_versions,
    refusals,
    report,
    rolling_restart,
    start,
    throughput,
)
from bench.cores import keep_to_the_load
from bench.effort import FULL, QUICK, Effort
from bench.errors import BenchError
from bench.rows import Row
from seatrial.errors import HarnessError

MEASUREMENTS: Mapping[str, Callable[[Effort], Awaitable[list[Row]]]] = {
    "throughput": throughput.measure,
    "python_versions": python_versions.measure,
    "parts": parts.measure,
    "latency": latency.measure,
    "database_read": database_read.measure,
    "start": start.measure,
    "imports": imports.measure,
    "memory": memory.measure,
    "image_size": image_size.measure,
    "image_contents": image_contents.measure,
    "overload": overload.measure,
    "refusals": refusals.measure,
    "rolling_restart": rolling_restart.measure,
}

NOTE_CHARACTERS = 200


async def run(names: Sequence[str], effort: Effort) -> list[Row]:
    """Make the measurements one after the other; one that cannot be made is a row that says why."""
    rows: list[Row] = []
    for name in names:
        print(f"-- {name}", flush=True)
        try:
            measured = await MEASUREMENTS[name](effort)
        except (BenchError, HarnessError) as error:
            measured = [Row(name, "", None, note=shorten(str(error), NOTE_CHARACTERS))]
        for row in measured:
            print(report.line(row), flush=True)
        rows += measured
    return rows


async def bench(names: Sequence[str], effort: Effort, into: Path | None) -> None:
    """Measure, and write the results into a directory, if one is named or it was all of it."""
    described = {**await machine.describe(), "effort": effort.name}
    rows = await run(names or list(MEASUREMENTS), effort)
    if into is None and (names or effort is not FULL):
        print("no results written: they are those of a whole `make bench`, or go where --into says")
        return
    directory = into or report.RESULTS
    command = shlex.join(("python", "-m", "bench", *sys.argv[1:])) if into else "make bench"
    report.write(rows, described, directory, command=command)
    from bench import plot  # noqa: PLC0415 - its library is only in the dependency group of the whole benchmark

    plots = [path.name for path in plot.draw(directory)]
    print(f"written: {', '.join(('results.md', 'results.json', *plots))} in {directory}")


def main() -> int:
    """Run and return the exit code: a missed goal is a result, not a failure."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a look, in 8 minutes; writes no results")
    parser.add_argument("--into", type=Path, metavar="DIRECTORY", help="write the results there, whatever is measured")
    parser.add_argument("names", nargs="*", metavar="MEASUREMENT", help=f"of {', '.join(MEASUREMENTS)} (default: all)")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(MEASUREMENTS):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    if shutil.which("wrk") is None:
        print("bench: wrk is not installed; `python3 -m bootstrap wrk` installs it or says how", file=sys.stderr)
        return 1
    try:
        keep_to_the_load()
        asyncio.run(bench(arguments.names, QUICK if arguments.quick else FULL, arguments.into))
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
