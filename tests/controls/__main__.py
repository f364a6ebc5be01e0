"""The entry, `python -m tests.controls [NAME...]`: tries controls and the good set, and keeps what was found."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from tests.controls import linted, result
from tests.controls.control import Control, complaints
from tests.controls.result import Result
from tests.controls.table import CONTROLS
from tests.controls.trying import AT_A_TIME, GOOD_SET, try_all
from tests.harness.errors import HarnessError

FAILED, COULD_NOT_RUN = 1, 2
ALL = {each.name: each for each in (*GOOD_SET, *CONTROLS)}


def tell(found: Result) -> None:
    """Keep what was found of a control; print a line for it, and what was not found as it must be."""
    result.keep(found)
    wrong = complaints(ALL[found.name], found)
    print(f"{found.name}: {'WRONG' if wrong else 'as it must be'} after {found.seconds:.0f} s", flush=True)
    for line in wrong:
        print(f"  {line}", flush=True)


async def run(chosen: Sequence[Control], at_a_time: int) -> int:
    """Try them, and ask Checkov about all that there are results of."""
    found = await try_all(chosen, tell, at_a_time)
    result.write(await linted.with_checkov(result.read().values()))
    return FAILED if any(complaints(ALL[each.name], each) for each in found) else 0


def main() -> int:
    """Parse, run, and return the exit code: 1 if something was found that must not be, 2 if it could not be tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.controls", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"one of {', '.join(ALL)}; all by default")
    parser.add_argument(
        "--at-a-time", type=int, default=AT_A_TIME, metavar="N", help="how many trials run side by side"
    )
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.name if name not in ALL]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(ALL)}")
    chosen = [ALL[name] for name in arguments.name or ALL]
    try:
        return asyncio.run(run(chosen, arguments.at_a_time))
    except HarnessError as error:
        print(error, file=sys.stderr)
        return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
