"""Settings that are bad, and settings that are missing: each has to stop the start, at once and with a message."""

import re
from dataclasses import dataclass

from seatrial.logs import Logs, lines
from seatrial.manifests.isolation import Settings
from seatrial.trial.judgement import Judgement, broken, claim, held, not_applicable
from seatrial.trial.seen import Seen
from seatrial.trial.verdict import Verdict
from seatrial.trial.window import Window

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


CLAIMS = (bad_fails_fast, missing_fails_fast)
