"""What makes pods: how many, in which order, and how they are replaced."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from seatrial.admission import names
from seatrial.admission.pods import RESTARTS, pod
from seatrial.admission.refusal import Fields, Path, Refusal, Refusals, between, follows, listed, one_of, part, required
from seatrial.admission.schedule import schedule
from seatrial.admission.volumes import claim
from seatrial.manifests.kustomize import Object

SPEC: Path = ("spec",)
TEMPLATE: Path = ("spec", "template")
CRON_JOB_LETTERS = 52
"""A CronJob's Jobs add the minute to its name, and their pods five letters more."""
JOB_LETTERS = 63
"""A Job's name is a label of its pods."""
DEADLINE_SECONDS = 600
"""By when a Deployment has to make progress, by default."""
PERCENT = re.compile(r"[0-9]+%")
ROLLING = {"maxUnavailable": "25%", "maxSurge": "25%"}


def bare_pod(found: Object) -> Refusals:
    """Refuse a pod."""
    yield from pod(found["spec"], SPEC, {})


def deployment(found: Object) -> Refusals:
    """Refuse a Deployment."""
    spec = found["spec"]
    yield from _serving(spec)
    for name in ("minReadySeconds", "revisionHistoryLimit"):
        yield from between(spec, SPEC, name, 0)
    deadline, ready = spec.get("progressDeadlineSeconds", DEADLINE_SECONDS), spec.get("minReadySeconds", 0)
    if deadline <= ready:
        yield Refusal(
            (*SPEC, "progressDeadlineSeconds"), f"it is {deadline}; allowed: more than minReadySeconds, {ready}"
        )
    strategy, here = part(spec, "strategy"), (*SPEC, "strategy")
    yield from one_of(strategy, here, "type", ("RollingUpdate", "Recreate"))
    if strategy.get("type") == "Recreate" and strategy.get("rollingUpdate") is not None:
        yield Refusal((*here, "rollingUpdate"), "type Recreate has none")
    rolling = ROLLING | dict(part(strategy, "rollingUpdate"))
    yield from _counts(rolling, (*here, "rollingUpdate"), "maxUnavailable", "maxSurge")
    if _is_none(rolling["maxUnavailable"]) and _is_none(rolling["maxSurge"]):
        yield Refusal((*here, "rollingUpdate", "maxUnavailable"), "it and maxSurge cannot both be 0")


def replica_set(found: Object) -> Refusals:
    """Refuse a ReplicaSet."""
    yield from _serving(found["spec"])
    yield from between(found["spec"], SPEC, "minReadySeconds", 0)


def replication_controller(found: Object) -> Refusals:
    """Refuse a ReplicationController, whose selector is its template's labels by default."""
    yield from between(found["spec"], SPEC, "replicas", 0)
    yield from _template(found["spec"], TEMPLATE)


def stateful_set(found: Object) -> Refusals:
    """Refuse a StatefulSet."""
    spec = found["spec"]
    yield from _serving(spec)
    yield from follows(found["metadata"], ("metadata",), "name", names.label)
    yield from one_of(spec, SPEC, "podManagementPolicy", ("OrderedReady", "Parallel"))
    yield from between(spec, SPEC, "minReadySeconds", 0)
    update, here = part(spec, "updateStrategy"), (*SPEC, "updateStrategy")
    yield from one_of(update, here, "type", ("RollingUpdate", "OnDelete"))
    if update.get("type") == "OnDelete" and update.get("rollingUpdate") is not None:
        yield Refusal((*here, "rollingUpdate"), "type OnDelete has none")
    yield from between(part(update, "rollingUpdate"), (*here, "rollingUpdate"), "partition", 0)
    yield from between(part(spec, "ordinals"), (*SPEC, "ordinals"), "start", 0)
    retention, here = (
        part(spec, "persistentVolumeClaimRetentionPolicy"),
        (*SPEC, "persistentVolumeClaimRetentionPolicy"),
    )
    for name in ("whenDeleted", "whenScaled"):
        yield from one_of(retention, here, name, ("Retain", "Delete"))
    for at, template in listed(spec, SPEC, "volumeClaimTemplates"):
        yield from claim(part(template, "spec"), (*at, "spec"))


def daemon_set(found: Object) -> Refusals:
    """Refuse a DaemonSet."""
    spec = found["spec"]
    yield from _serving(spec)
    yield from between(spec, SPEC, "minReadySeconds", 0)
    update, here = part(spec, "updateStrategy"), (*SPEC, "updateStrategy")
    yield from one_of(update, here, "type", ("RollingUpdate", "OnDelete"))
    rolling = {"maxUnavailable": 1, "maxSurge": 0} | dict(part(update, "rollingUpdate"))
    yield from _counts(rolling, (*here, "rollingUpdate"), "maxUnavailable", "maxSurge")
    nobody, nothing = _is_none(rolling["maxUnavailable"]), _is_none(rolling["maxSurge"])
    if nobody and nothing:
        yield Refusal((*here, "rollingUpdate", "maxUnavailable"), "it and maxSurge cannot both be 0")
    elif not nobody and not nothing:
        yield Refusal((*here, "rollingUpdate", "maxSurge"), "it takes `maxUnavailable: 0`, which is 1 by default")


def job(found: Object) -> Refusals:
    """Refuse a Job."""
    name = str(found["metadata"].get("name", ""))
    if len(name) > JOB_LETTERS:
        yield Refusal(("metadata", "name"), f"{len(name)} letters; allowed for a Job: {JOB_LETTERS}")
    yield from _job(found["spec"], SPEC)


def cron_job(found: Object) -> Refusals:
    """Refuse a CronJob."""
    spec = found["spec"]
    name = str(found["metadata"].get("name", ""))
    if len(name) > CRON_JOB_LETTERS:
        yield Refusal(("metadata", "name"), f"{len(name)} letters; allowed for a CronJob: {CRON_JOB_LETTERS}")
    yield from required(spec, SPEC, "schedule")
    if (given := spec.get("schedule")) and (wrong := schedule(given)):
        yield Refusal((*SPEC, "schedule"), wrong)
    if (zone := spec.get("timeZone")) is not None and (zone == "Local" or not _is_zone(zone)):
        yield Refusal(
            (*SPEC, "timeZone"), f"given {zone!r}; allowed: a name of the time zone database, as Europe/Paris"
        )
    yield from one_of(spec, SPEC, "concurrencyPolicy", ("Allow", "Forbid", "Replace"))
    for limit in ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from between(spec, SPEC, limit, 0)
    template = part(spec, "jobTemplate")
    yield from names.labels(part(part(template, "metadata"), "labels"), (*SPEC, "jobTemplate", "metadata", "labels"))
    yield from _job(part(template, "spec"), (*SPEC, "jobTemplate", "spec"))


def _job(spec: Fields, path: Path) -> Refusals:
    for name in ("parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"):
        yield from between(spec, path, name, 0)
    yield from one_of(spec, path, "completionMode", ("NonIndexed", "Indexed"))
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        yield Refusal((*path, "completions"), "completionMode Indexed takes it")
    if spec.get("selector") is not None and not spec.get("manualSelector"):
        yield Refusal((*path, "selector"), "it is made by the server, unless `manualSelector` is true")
    template, here = part(spec, "template"), (*path, "template")
    yield from _template(spec, here)
    inner = part(template, "spec")
    if inner.get("restartPolicy") not in ("OnFailure", "Never"):
        given = inner.get("restartPolicy") or "nothing, which is Always"
        yield Refusal((*here, "spec", "restartPolicy"), f"given {given}; allowed in a Job: OnFailure, Never")
    if spec.get("podFailurePolicy") and inner.get("restartPolicy") != "Never":
        yield Refusal((*path, "podFailurePolicy"), "it takes restartPolicy Never")


def _serving(spec: Fields) -> Refusals:
    """Refuse what those have in common whose pods go on: they are restarted always, and found by a selector."""
    yield from between(spec, SPEC, "replicas", 0)
    selector = part(spec, "selector")
    if not (selector.get("matchLabels") or selector.get("matchExpressions")):
        yield Refusal((*SPEC, "selector"), "it is required, and may not be empty")
    yield from names.selector(selector, (*SPEC, "selector"))
    yield from _template(spec, TEMPLATE)
    inner = part(part(spec, "template"), "spec")
    if inner.get("restartPolicy") in RESTARTS[1:]:
        yield Refusal((*TEMPLATE, "spec", "restartPolicy"), f"given {inner['restartPolicy']}; allowed here: Always")
    if inner.get("activeDeadlineSeconds") is not None:
        yield Refusal((*TEMPLATE, "spec", "activeDeadlineSeconds"), "not where pods go on: Jobs have it")


def _template(spec: Fields, path: Path) -> Refusals:
    template = part(spec, "template")
    metadata = part(template, "metadata")
    yield from names.labels(part(metadata, "labels"), (*path, "metadata", "labels"))
    yield from names.annotations(part(metadata, "annotations"), (*path, "metadata", "annotations"))
    inner = part(template, "spec")
    if inner.get("ephemeralContainers"):
        yield Refusal((*path, "spec", "ephemeralContainers"), "a template has none")
    yield from pod(inner, (*path, "spec"), spec)


def _counts(fields: Fields, path: Path, *counts: str) -> Refusals:
    for name in counts:
        yield from count(fields, path, name)


def count(fields: Fields, path: Path, name: str) -> Refusals:
    """Refuse what is neither a number of pods nor a percentage of them."""
    given = fields.get(name)
    if isinstance(given, str):
        if not PERCENT.fullmatch(given):
            yield Refusal((*path, name), f"given {given!r}; allowed: a number, or a percentage as '25%'")
        elif name != "maxSurge" and int(given[:-1]) > 100:
            yield Refusal((*path, name), f"given {given!r}; allowed: 100% at most")
    else:
        yield from between(fields, path, name, 0)


def _is_zone(name: str) -> bool:
    """Tell whether there is a time zone of this name; every name may be one where this machine knows none."""
    for known in (name, "Europe/Paris"):
        try:
            ZoneInfo(known)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
        return known == name
    return True


def _is_none(given: object) -> bool:
    return given in (0, "0%")
