"""Settings that are bad, and settings that are missing: each has to stop the start, at once and with a message."""

import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from seatrial.contracts import Overlay
from seatrial.errors import LimitExceededError, ManifestError, PlayError
from seatrial.logs import Log
from seatrial.manifests.isolation import Settings, with_settings
from seatrial.timeline import Kind
from seatrial.trial.claims.setting import Setting, Start, bad_fails_fast, missing_fails_fast
from seatrial.trial.judgement import Judged
from seatrial.trial.scenario import Scenario
from seatrial.trial.stage import UNPROMISED_SECONDS, Stage, ready_budget_seconds, start_seconds
from seatrial.trial.subject import Subject

NUMBER = re.compile(r"-?\d+(\.\d+)?")
NO_NUMBER = "trial-no-number"


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
