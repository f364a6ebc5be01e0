"""Under load: it stays ready, answers, keeps to its memory, and says nothing that it should not."""

import json

from seatrial.timeline import OUT_OF_MEMORY, Kind
from seatrial.trial.inside import SECRET_CHARACTERS
from seatrial.trial.judgement import Judgement, broken, claim, held, not_applicable, not_run
from seatrial.trial.seen import Lifetime
from seatrial.trial.window import Window

MIN_REQUESTS = 100
PEM = "-----"
"""What the first and the last line of a key begin with."""


def _loaded(seen: Lifetime) -> Window | None:
    return seen.loaded


@claim("load.stays-ready", "Under load it stays ready, and is not restarted.", timed=_loaded)
def stays_ready(seen: Lifetime) -> Judgement:
    """Judge the time of the load."""
    if seen.loaded is None:
        return seen.untried()
    return seen.stays_ready(seen.loaded)


@claim("load.requests-are-answered", "Under load every request is answered.", timed=_loaded)
def requests_are_answered(seen: Lifetime) -> Judgement:
    """Judge what was sent meanwhile."""
    if seen.loaded is None:
        return seen.untried()
    sent = seen.requests(seen.loaded)
    if len(sent) < MIN_REQUESTS:
        return not_run(f"only {len(sent)} requests were sent", requests=len(sent))
    bad = [each for each in sent if seen.lost(each)]
    figures = {"requests": float(len(sent)), "lost": float(len(bad))}
    said = f"{len(bad)} of {len(sent)} requests were lost"
    if bad:
        return broken(said, f"{bad[0].client}: {bad[0].failure or bad[0].status} {bad[0].detail}", **figures)
    return held(said, **figures)


@claim("load.memory", "Under load its memory stays under its limit, and it is not killed for it.")
def memory(seen: Lifetime) -> Judgement:
    """Judge the working set's samples."""
    allowed = seen.subject.declared.limit("memory")
    killed = [event for event in seen.events(Kind.EXITED) if event.reason == OUT_OF_MEMORY]
    if killed:
        return broken(f"{killed[0].subject}: {killed[0].detail}")
    if allowed is None:
        return not_applicable("the manifests set no limit")
    if seen.loaded is None:
        return seen.untried()
    if not seen.memory_samples:
        return not_run("no cgroup with its limit tells how much it uses: without root there is none on v1")
    most = max(seen.memory_samples)
    said = f"at most {most / 2**20:.1f} MiB of {allowed / 2**20:.1f} MiB"
    return (held if most < allowed else broken)(said, most_bytes=most, limit_bytes=allowed)


@claim("logs.json", "Every line that it logs is one JSON object, if the overlay says so.")
def logs_json(seen: Lifetime) -> Judgement:
    """Judge the lines of the container that serves."""
    if not seen.subject.says_json:
        return not_applicable("neither a setting nor trial.toml says that logs are JSON")
    if seen.ready_at is None or not seen.log_lines:
        return not_run("it was never ready" if seen.ready_at is None else "it logged nothing")
    bad = [line for line in seen.log_lines if not _is_object(line)]
    if bad:
        return broken(f"{len(bad)} of {len(seen.log_lines)} lines are none: {bad[0][:200]}", bad=len(bad))
    return held(f"all of {len(seen.log_lines)} lines", lines=len(seen.log_lines))


@claim("logs.no-secrets", "No value of a Secret is in its logs.")
def logs_no_secrets(seen: Lifetime) -> Judgement:
    """Judge everything that was logged; the evidence names Secrets, never their values."""
    if not seen.secrets:
        return not_applicable("it has no Secret")
    if seen.ready_at is None:
        return not_run("it was never ready")
    found = [
        name
        for name, value in seen.secrets.items()
        if any(form in log.text for form in _forms(value) for log in seen.record.logs)
    ]
    if found:
        return broken(f"the logs have the value of {', '.join(found)}", secrets=len(found))
    return held(f"none of {len(seen.secrets)} values is in {len(seen.log_lines)} lines", secrets=len(seen.secrets))


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):  # such a line nests too deep
        return False


def _forms(value: str) -> set[str]:
    """Return what a log may have of a value: as it is, as JSON writes it, and of a key in PEM its lines."""
    whole = value.strip()
    written = (json.dumps(whole, ensure_ascii=ascii_alone)[1:-1] for ascii_alone in (True, False))
    lines = whole.splitlines() if whole.startswith(PEM) else ()
    forms = {whole, *written, *(line for line in lines if not line.startswith(PEM))}
    return {each for each in forms if len(each) >= SECRET_CHARACTERS}  # what is shorter is in any text by chance


CLAIMS = (stays_ready, requests_are_answered, memory, logs_json, logs_no_secrets)
