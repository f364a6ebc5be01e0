"""Trying controls: those that the YAML alone tells by the contracts, the others by a whole trial, as a user runs it."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from images import service
from seatrial.command import Command
from seatrial.errors import CommandError, HarnessError
from seatrial.manifests import isolation
from seatrial.manifests.kustomize import render
from seatrial.manifests.source import rendered
from seatrial.podman import images
from seatrial.trial import static
from seatrial.trial.verdict import Verdict
from tests.controls.control import GOOD, Control, untold
from tests.controls.result import Result

AT_A_TIME = 2
"""Three keep two cores so busy that, where these are slow, a third of all has to be tried again, alone."""
LIMIT_SECONDS = 600.0
CLEAN_UP_SECONDS = 60.0
"""What an interrupted trial may take to remove what it has played."""
BROKEN = 1

GOOD_SET = tuple(
    Control(path.parent.name, path.parent.name, (), (), "") for path in sorted(GOOD.glob("*/kustomization.yaml"))
)
"""The good deployments: controls without a change, which break nothing."""


async def try_all(
    controls: Sequence[Control], directory: Path, tell: Callable[[Result], None], at_a_time: int = AT_A_TIME
) -> list[Result]:
    """Try some at a time: a trial waits more than it works. `tell` hears of each.

    What is tried is made in the directory, `together` or `alone`, and the report of each trial is written beside it.

    One of which something could not be told, and nothing wrong was, is tried again alone: others may have kept the
    machine too busy. Raises HarnessError, when all others have been tried, for those that could not be.
    """
    await _build(controls)
    slots, results, again, failed = asyncio.Semaphore(at_a_time), list[Result](), list[Control](), list[str]()

    async def one(control: Control, directory: Path, *, alone: bool) -> None:
        async with slots:
            try:
                found = await tried(control, directory)
            except HarnessError as error:
                failed.append(f"{control.name}: {error}")
                return
        if not alone and untold(control, found):
            again.append(control)
        else:
            results.append(found)
            tell(found)

    async with asyncio.TaskGroup() as group:
        for each in controls:
            group.create_task(one(each, directory / "together", alone=min(at_a_time, len(controls)) == 1))
    for each in again:
        await one(each, directory / "alone", alone=True)
    if failed:
        raise HarnessError("\n".join(failed))
    return results


async def tried(control: Control, directory: Path) -> Result:
    """Make a control in a directory and try it; HarnessError when that cannot be done."""
    made, began = control.make(directory), time.monotonic()
    verdicts = await _static(made) if control.static else await _trial(made)
    return Result.of(control.name, verdicts, time.monotonic() - began)


async def _static(made: Path) -> dict[str, Verdict]:
    return {each.claim.id: each.verdict for each in static.findings(await rendered(made), {})}


async def _trial(made: Path) -> dict[str, Verdict]:
    report = made.with_suffix(".report")
    command = Command(
        (sys.executable, "-m", "seatrial", "trial", str(made), "--report", str(report)),
        LIMIT_SECONDS,
        stop_signal=signal.SIGINT,  # of which it removes what it has played
        stop_seconds=CLEAN_UP_SECONDS,
    )
    completed = await command.run()
    written = report / "trial.json"
    if not written.exists():  # one that exits 2 has a report all the same, if there was only something not to be told
        completed.check()
    claims = json.loads(written.read_text())["claims"]
    verdicts = {each["id"]: Verdict(each["verdict"]) for each in claims}
    if (completed.returncode == BROKEN) is not (Verdict.BROKEN in verdicts.values()):
        raise CommandError(f"`{command}` exited {completed.returncode}, which is not what its report says")
    return verdicts


async def _build(controls: Iterable[Control]) -> None:
    """Make the images, once, before several trials would do it at the same time."""
    bases = {each.base for each in controls if not each.static}
    if not bases:
        return
    await service.built(tell=print)
    for base in sorted(bases):
        names = isolation.image_names(await render(GOOD / base))
        await images.substitutes(names, tell=print)
