"""Settings that are bad, and settings that are missing: each has to stop the start, at once and with a message."""

import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from seatrial.contracts import Overlay
from seatrial.errors import LimitExceededError, ManifestError, PlayError
from seatrial.logs import Log, Logs, lines
from seatrial.manifests.isolation import Settings, with_settings
from seatrial.timeline import Kind
from seatrial.trial.judgement import Judged, Judgement, broken, claim, held, not_applicable
from seatrial.trial.scenario import Scenario
from seatrial.trial.seen import Seen
from seatrial.trial.stage import UNPROMISED_SECONDS, Stage, ready_budget_seconds, start_seconds
from seatrial.trial.subject import Subject
from seatrial.trial.verdict import Verdict
from seatrial.trial.window import Window

NUMBER = re.compile(r"-?\d+(\.\d+)?")
NO_NUMBER = "trial-no-number"
AT_ONCE_SECONDS = 60.0
"""What ends within so long of its container's start ends at once: interpreters are slow to load, on part of a core."""


@dataclass(frozen=True)
class Start:
    """What became of a start with settings of the trial's; `exit_code` is None if it did not end by itself.

    `failed` are the containers that ended, `seconds` how long they ran, or the whole start if none did.
    """

    given: Settings
    ready: bool
    exit_code: int | None
    seconds: float
    logs: Logs
    failed: tuple[str, ...]
    at_once_seconds: float = AT_ONCE_SECONDS

    def __str__(self) -> str:
        """Say with what it was started."""
        return ", ".join(
            f"without {name}" if value is None else f"with {name}={value!r}" for name, value in self.given.items()
        )

    @property
    def said(self) -> list[str]:
        """What the containers that ended wrote, but for empty lines: neither those beside them nor podman explain."""
        return lines(self.logs, self.failed)


@dataclass(frozen=True, kw_only=True)
class Setting(Seen):
    """The starts; `chosen` when trial.toml names the settings: it must not start then."""

    chosen: bool = False
    starts: tuple[Start, ...] = ()


def bad_settings(subject: Subject) -> list[Settings]:
    """Return those of trial.toml, or else each setting that is a number with what is none, for one start."""
    if subject.configuration.setting:
        return [subject.configuration.setting]
    environment = Overlay(subject.source, subject.objects).environment(subject.declared)
    numbers = {name: NO_NUMBER for name, each in environment.items() if NUMBER.fullmatch(each.value or "")}
    return [numbers] if numbers else []


def missing_settings(subject: Subject) -> list[Settings]:
    """Return those of trial.toml, each for a start, or else for one start all that the manifests say must be there.

    Those are the variables from a key of a ConfigMap or Secret that is not optional.
    """
    if subject.configuration.missing:
        return [{name: None} for name in subject.configuration.missing]
    needed: dict[str, None] = {}
    for variable in subject.declared.raw.get("env") or ():
        match variable.get("valueFrom"):
            case {"secretKeyRef": source} | {"configMapKeyRef": source} if not source.get("optional"):
                needed[variable["name"]] = None
    return [needed] if needed else []


def check(subject: Subject) -> None:
    """Raise ManifestError where trial.toml calls missing what the manifests do not set anyway."""
    untouched = with_settings(subject.objects, {})
    for name in subject.configuration.missing:
        if with_settings(subject.objects, {name: None}) == untouched:
            raise ManifestError(
                f"{subject.source}: trial.toml: missing names {name!r}; allowed: a variable of a container,"
                " or a key of a ConfigMap or Secret, that the manifests set"
            )


async def _started(stage: Stage, given: Settings) -> Start:
    """Start it with these settings, until it ends, is ready, or its time to start is over."""
    name = stage.subject.container.name
    limit = (ready_budget_seconds(stage.subject) or UNPROMISED_SECONDS) + stage.machine.allowance_seconds
    start = Start(given, ready=False, exit_code=None, seconds=0.0, logs=(), failed=(name,))
    began = stage.mark(f"starts {start}")
    try:
        async with stage.deployed(settings=given) as played:
            with suppress(LimitExceededError):
                await played.pod.until(
                    lambda: (
                        played.pod.ready
                        or bool(stage.timeline.of(Kind.EXITED, Kind.UNHEALTHY, subject=name, since=began))
                    ),
                    limit,
                    "it ends or is ready",
                )
            ended = stage.timeline.of(Kind.EXITED, Kind.UNHEALTHY, subject=name, since=began)[:1]
            # What the kubelet ends, because it has not started in time, does not end by itself.
            exited = ended[0] if ended and ended[0].kind is Kind.EXITED and not played.pod.ready else None
            running = stage.timeline.first(Kind.RUNNING, name, since=began) if exited else None
            return replace(
                start,
                ready=played.pod.ready,
                exit_code=exited.exit_code if exited else None,
                seconds=exited.at - running.at if exited and running else time.monotonic() - began,
                logs=await played.pod.logs(),
            )
    except PlayError as error:
        template = stage.subject.template
        names = {each.name for each in (*template.init_containers, *template.containers)}
        codes = {container: code for container, code in error.exit_codes.items() if container in names}
        if not codes:
            raise
        stage.logs += (Log("podman", error.words), *error.logs)
        failed = tuple(container for container, code in codes.items() if code) or tuple(codes)
        seconds = max(error.seconds.get(container, 0.0) for container in failed)
        return replace(start, exit_code=max(codes.values()), seconds=seconds, logs=error.logs, failed=failed)


def _late(seen: Setting) -> Window | None:
    """Return the time of the starts, if one of them took too long, whatever became of it."""
    late = any(
        (each.exit_code is None and not each.ready) or each.seconds > each.at_once_seconds for each in seen.starts
    )
    return Window(seen.record.began, seen.record.ended) if late else None


def judge(seen: Setting) -> Judgement:
    """Judge how the starts ended; one that went wrong is all that is told."""
    judged = [_judge(each, seen.machine.allowance_seconds, chosen=seen.chosen) for each in seen.starts]
    for verdict in (Verdict.BROKEN, Verdict.NOT_APPLICABLE):
        for each in judged:
            if each.verdict is verdict:
                return each
    slowest = max(judged, key=lambda each: each.figures["seconds"])
    return held(*(line for each in judged for line in each.evidence), **slowest.figures)


def _judge(start: Start, allowance_seconds: float, *, chosen: bool) -> Judgement:
    """Judge one; what trial.toml does not name may be read by nobody, and then nothing can be told."""
    if start.ready:
        said = f"it is ready all the same, {start}"
        return broken(said) if chosen else not_applicable(said, "trial.toml can name one that has to stop it")
    if start.exit_code is None:
        return broken(f"it neither ended nor was ready within {start.seconds:.0f} s, {start}", seconds=start.seconds)
    figures = {"seconds": start.seconds, "exit_code": float(start.exit_code)}
    lines, limit = start.said, start.at_once_seconds + allowance_seconds
    named = [name for name in start.given if _names(name, "\n".join(lines))]
    said = f"exit code {start.exit_code} after {start.seconds:.1f} s, {start}"
    if start.exit_code == 0:
        return broken(said, **figures)
    if start.seconds > limit:
        return broken(said, f"at once is within {limit:.0f} s of its container's start", **figures)
    if not lines or (chosen and not named):
        message = f"its message names none of them: {lines[-1][:200]}" if lines else "it said nothing"
        return broken(said, message, **figures)
    return held(said, f"its message names {', '.join(named) or 'none of them'}: {lines[-1][:200]}", **figures)


def _names(name: str, text: str) -> bool:
    """Tell whether a text has a name as a whole word; an escaped end of line, or a colour, may stand before it."""
    return bool(re.search(rf"(?:^|\W|\\[nrt]|\[[\d;]*m){re.escape(name)}(?!\w)", text))


bad_fails_fast = claim(
    "setting.bad-fails-fast",
    "A bad setting ends the start at once, with a message and an exit code that is not 0.",
    timed=_late,
)(judge)
missing_fails_fast = claim(
    "setting.missing-fails-fast",
    "Without a setting that it needs the start ends at once, with a message and an exit code that is not 0.",
    timed=_late,
)(judge)


def _scenario(
    judged: Judged[Setting],
    starts: Callable[[Subject], Sequence[Settings]],
    *,
    chosen: Callable[[Subject], bool],
    name: str,
    sentence: str,
    none: str,
) -> Scenario[Setting]:
    async def run(stage: Stage) -> Setting:
        """Start it with one after the other."""
        seen = [await _started(stage, given) for given in starts(stage.subject)]
        return Setting(*stage.so_far(), chosen=chosen(stage.subject), starts=tuple(seen))

    return Scenario(
        name=name,
        sentence=sentence,
        run=run,
        claims=(judged,),
        seconds=lambda subject: start_seconds(subject) * len(starts(subject)),
        inapplicable=lambda subject: None if starts(subject) else none,
    )


SETTING = _scenario(
    bad_fails_fast,
    bad_settings,
    chosen=lambda subject: bool(subject.configuration.setting),
    name="setting",
    sentence="It is started with settings that are bad.",
    none="none of its settings is a number, and trial.toml names none that is bad",
)
MISSING = _scenario(
    missing_fails_fast,
    missing_settings,
    chosen=lambda subject: bool(subject.configuration.missing),
    name="missing",
    sentence="It is started without settings that it needs.",
    none="no variable has to come from a ConfigMap or Secret; missing in trial.toml can name what it has to have",
)
