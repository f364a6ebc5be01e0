"""The entry, `python -m tests.controls [NAME...]`: tries controls and the good set, and keeps what was found."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from seatrial import interrupt
from seatrial.errors import HarnessError
from tests.controls import linted, result
from tests.controls.busy import busy
from tests.controls.control import Control, complaints, untold
from tests.controls.repeat import changes, unproven
from tests.controls.result import Result
from tests.controls.table import CONTROLS
from tests.controls.trying import AT_A_TIME, GOOD_SET, try_all

FAILED, COULD_NOT_RUN, INTERRUPTED = 1, 2, 130
ALL = {each.name: each for each in (*GOOD_SET, *CONTROLS)}


async def run(chosen: Sequence[Control], at_a_time: int, repeat: int, *, must_tell: bool, reports: Path | None) -> int:
    """Try them, again and again; keep what was found last, and ask Checkov about all that there are results of.

    One of the runs `must_tell` of each claim; a busy machine need not. The reports of the first run are in `reports/1`.
    """
    found, failed = list[Result](), list[HarnessError]()

    def tell(each: Result) -> None:
        found.append(each)
        _print(each)
        result.keep(each)

    for number in range(1, repeat + 1):
        try:
            with _directory(reports, number) as directory:
                await try_all(chosen, Path(directory), tell, at_a_time)
        except HarnessError as error:
            print(error, file=sys.stderr, flush=True)
            failed.append(error)
    result.write(await linted.with_checkov(result.read().values()))
    changed = changes(chosen, found)
    for each in changed:
        print(f"changed: {each}", flush=True)
    never = unproven(chosen, found)
    for line in never:
        print(f"never proven: {line}", flush=True)
    if repeat > 1:
        print(
            f"{sum(each.contradictory for each in changed)} claims contradict themselves in {repeat} runs", flush=True
        )
    wrong = any(_fails(each, untold_fails=must_tell and repeat == 1) for each in found)
    if wrong or (must_tell and never) or any(each.contradictory for each in changed):
        return FAILED
    return COULD_NOT_RUN if failed else 0


def _directory(reports: Path | None, number: int) -> AbstractContextManager[str]:
    return nullcontext(str(reports / str(number))) if reports else TemporaryDirectory(prefix="seatrial-controls-")


def _print(found: Result) -> None:
    """Print a line for a control, and what was not found as it must be."""
    control = ALL[found.name]
    wrong = complaints(control, found)
    what = "not all could be told" if untold(control, found) else "WRONG" if wrong else "as it must be"
    print(f"{found.name}: {what} after {found.seconds:.0f} s", flush=True)
    for line in wrong:
        print(f"  {line}", flush=True)


def _fails(found: Result, *, untold_fails: bool) -> bool:
    """Tell whether a result is one to fail for."""
    control = ALL[found.name]
    return bool(complaints(control, found)) and (untold_fails or not untold(control, found))


def main() -> int:
    """Parse, run, and return the exit code: 1 if something was found that must not be, 2 if it could not be tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.controls", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"one of {', '.join(ALL)}; all by default")
    parser.add_argument(
        "--at-a-time", type=_positive, default=AT_A_TIME, metavar="N", help="how many trials run side by side"
    )
    parser.add_argument(
        "--repeat", type=_positive, default=1, metavar="N", help="try them N times, and say which verdicts changed"
    )
    parser.add_argument("--busy", action="store_true", help="keep two cores busy meanwhile")
    parser.add_argument(
        "--reports", type=Path, metavar="DIR", help="a new directory for what is tried and the report of each trial"
    )
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.name if name not in ALL]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(ALL)}")
    if arguments.reports:
        try:
            arguments.reports.mkdir(parents=True)
        except OSError as error:
            parser.error(f"--reports: given {str(arguments.reports)!r}: {error.strerror}; allowed: a new directory")
    chosen = [ALL[name] for name in dict.fromkeys(arguments.name or ALL)]
    try:
        with busy() if arguments.busy else nullcontext():
            must_tell = not arguments.busy
            work = run(chosen, arguments.at_a_time, arguments.repeat, must_tell=must_tell, reports=arguments.reports)
            return interrupt.run(work, lambda: print("interrupted; still removing", file=sys.stderr))
    except HarnessError as error:
        print(error, file=sys.stderr)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        print("interrupted; nothing is left", file=sys.stderr)
        return INTERRUPTED


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"given {text!r}; allowed: a number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
