"""A bad setting: it has to stop the start, at once and with a message."""

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from tests.harness.contracts import Overlay
from tests.harness.errors import LimitExceededError, PlayError
from tests.harness.timeline import Kind
from tests.harness.trial.judgement import Judgement, broken, claim, held, not_applicable
from tests.harness.trial.scenario import Scenario
from tests.harness.trial.seen import Seen
from tests.harness.trial.stage import UNPROMISED_SECONDS, Stage, ready_budget_seconds, start_seconds
from tests.harness.trial.subject import Subject

NUMBER = re.compile(r"-?\d+(\.\d+)?")
NO_NUMBER = "trial-no-number"


@dataclass(frozen=True, kw_only=True)
class Setting(Seen):
    """What became of a start with bad settings; `chosen` when trial.toml names them, `exit_code` None if it ran on."""

    given: Mapping[str, str] = field(default_factory=dict)
    chosen: bool = False
    ready: bool = False
    exit_code: int | None = None
    seconds: float = 0.0
    output: str = ""


def bad_settings(subject: Subject) -> Mapping[str, str]:
    """Return those of trial.toml, or else each setting that is a number with what is none."""
    if subject.configuration.setting:
        return subject.configuration.setting
    environment = Overlay(subject.source, subject.objects).environment(subject.declared)
    return {name: NO_NUMBER for name, each in environment.items() if NUMBER.fullmatch(each.value or "")}


async def run(stage: Stage) -> Setting:
    """Start it with the bad settings, until it ends, is ready, or its time to start is over."""
    given, chosen = bad_settings(stage.subject), bool(stage.subject.configuration.setting)
    limit = (ready_budget_seconds(stage.subject) or UNPROMISED_SECONDS) + stage.machine.allowance_seconds
    exited, ready, output = None, False, ""
    began = stage.mark("starts with bad settings")
    try:
        async with stage.deployed(settings=given) as played:
            with suppress(LimitExceededError):
                await played.pod.until(
                    lambda: (
                        played.pod.ready or bool(stage.timeline.of(Kind.EXITED, subject=played.subject.container.name))
                    ),
                    limit,
                    "it ends or is ready",
                )
            ready, seconds = played.pod.ready, time.monotonic() - began
            event = stage.timeline.first(Kind.EXITED, played.subject.container.name)
            exited = int(event.detail.split()[2].strip(",")) if event and not ready else None
            output = await played.pod.logs()
    except PlayError as error:
        if not error.exit_codes:
            raise
        seconds, exited, output = time.monotonic() - began, max(error.exit_codes.values()), str(error)
        stage.logs += output
    return Setting(
        *stage.so_far(), given=given, chosen=chosen, ready=ready, exit_code=exited, seconds=seconds, output=output
    )


@claim("setting.bad-fails-fast", "A bad setting ends the start at once, with a message and an exit code that is not 0.")
def bad_fails_fast(seen: Setting) -> Judgement:
    """Judge how it ended; what trial.toml does not name may be read by nobody, and then nothing can be told."""
    tried = ", ".join(f"{name}={value!r}" for name, value in seen.given.items())
    if seen.ready:
        said = f"it is ready all the same, with {tried}"
        return broken(said) if seen.chosen else not_applicable(said, "trial.toml can name one that it has to refuse")
    if seen.exit_code is None:
        return broken(f"it neither ended nor was ready within {seen.seconds:.0f} s, with {tried}", seconds=seen.seconds)
    figures = {"seconds": seen.seconds, "exit_code": float(seen.exit_code)}
    lines = [line for line in seen.output.splitlines() if line.strip() and not line.startswith("---")]
    named = [name for name in seen.given if name in seen.output]
    said = f"exit code {seen.exit_code} after {seen.seconds:.1f} s, with {tried}"
    if seen.exit_code == 0:
        return broken(said, **figures)
    if not lines:
        return broken(said, "it said nothing", **figures)
    if seen.chosen and not named:
        return broken(said, f"its message names none of them: {lines[-1][:200]}", **figures)
    return held(said, f"its message names {', '.join(named) or 'none of them'}: {lines[-1][:200]}", **figures)


SETTING = Scenario(
    name="setting",
    sentence="It is started with settings that are bad.",
    run=run,
    claims=(bad_fails_fast,),
    seconds=start_seconds,
    inapplicable=lambda subject: (
        None if bad_settings(subject) else "none of its settings is a number, and trial.toml names none that is bad"
    ),
)
