"""A trial of somebody's deployment: from its YAML, over what can be played of it, to its findings."""

import logging
import platform
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seatrial.cluster import kubeconfig
from seatrial.contracts import Overlay
from seatrial.contracts.kubernetes_schema import PLAYED
from seatrial.contracts.overlay import Runtime
from seatrial.errors import ClusterError, HarnessError, ManifestError, PodmanError
from seatrial.manifests import isolation
from seatrial.manifests.kustomize import Object
from seatrial.manifests.portable import portable
from seatrial.manifests.source import rendered
from seatrial.podman import mapping
from seatrial.podman.client import Podman
from seatrial.podman.images import LOCAL, identity, obtain
from seatrial.trial import absent, catalogue, configuration, exemptions, static
from seatrial.trial.claims import CLAIMS
from seatrial.trial.configuration import Configuration
from seatrial.trial.engine import SCENARIOS, Engine
from seatrial.trial.judgement import not_asked, not_run
from seatrial.trial.machine import Machine
from seatrial.trial.progress import Progress
from seatrial.trial.scenario import Scenario
from seatrial.trial.scenarios.setting import check as check_settings
from seatrial.trial.selection import EVERYTHING, LEFT_OUT, Selection
from seatrial.trial.subject import Subject, find
from seatrial.trial.verdict import Finding, Trial

_log = logging.getLogger(__name__)


async def _images_used(subject: Subject, given: Mapping[str, str]) -> dict[str, str]:
    """Return what stands for each image, and its id; ImageError, before anything is played, where one cannot be had."""
    found = {}
    for name in sorted(isolation.image_names(isolation.with_images(subject.objects, given))):
        used = name if name.startswith(LOCAL) else await obtain(name, tell=_log.info)
        found[f"image {name}"] = f"{used} {(await identity(used))[:12]}"
    return found


def image(text: str) -> tuple[str, str]:
    """Return an image's name and what is used in its place, given as NAME=REF; ManifestError for what is not."""
    name, separator, reference = text.partition("=")
    if not (name and separator and reference):
        raise ManifestError(f"--image: given {text!r}; allowed: NAME=REF")
    return name, reference


def _found(objects: Sequence[Object], source: str, settings: Configuration) -> Subject:
    """Return what is tried; ManifestError also where no API server would take what is played."""
    if malformed := Overlay(source, [each for each in objects if each["kind"] in PLAYED]).malformed:
        raise ManifestError(f"{source}: {malformed[0]}")
    return find(portable(objects), source, settings)


@asynccontextmanager
async def _on_podman(
    subject: Subject, images: Mapping[str, str], scenarios: Sequence[Scenario[Any]]
) -> AsyncIterator[tuple[Sequence[Scenario[Any]], dict[str, str]]]:
    """Yield the scenarios and the versions on podman, what killed trials have left removed."""
    for run in await (podman := Podman()).abandoned_runs():
        with suppress(PodmanError):  # another trial removes it at the same time, or else the next one will
            await podman.remove_run(run)
    yield scenarios, {"podman": await podman.version()} | await _images_used(subject, images)


@asynccontextmanager
async def _on_cluster(
    context: str | None, images: Mapping[str, str], say: Callable[[str], None]
) -> AsyncIterator[tuple[Sequence[Scenario[Any]], dict[str, str]]]:
    """Yield the scenarios and the versions on a cluster; its namespaces are removed on every path."""
    try:
        # What speaks to clusters is an extra of the package.
        from seatrial.trial.cluster.context import cluster  # noqa: PLC0415
        from seatrial.trial.cluster.scenarios import scenarios as scenarios_on  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"`{error.name}` is not installed: clusters take `pip install 'seatrial[cluster]'`"
        ) from error
    async with cluster(context, images, say) as (runtime, versions):
        yield scenarios_on(runtime), versions


def _playable(subject: Subject) -> None:
    """Raise HarnessError for what podman could not play, before anything is."""
    absent.check(subject)
    if subject.maps_ports:
        mapping.nft()


def _unplayed(reason: str, selection: Selection, exempt: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the claims that take something to be played, when it could not be."""
    for judged in CLAIMS:
        asked = any(selection.asks(judged.claim.id, each.name) for each in SCENARIOS if judged in each.claims)
        judgement = not_run(reason) if asked else LEFT_OUT
        yield judged.finding(judgement, scenario=None, exempt=exempt.get(judged.claim.id))


def _unasked(runtime: str, scenarios: Sequence[Scenario[Any]], exempt: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the claims that none of a runtime's scenarios is about."""
    asked = {judged.claim.id for scenario in scenarios for judged in scenario.claims}
    other = "podman" if runtime == "cluster" else "cluster"
    reason = not_asked(f"it is not tried on {runtime}; --runtime {other} does")
    for judged in CLAIMS:
        if judged.claim.id not in asked:
            yield judged.finding(reason, scenario=None, exempt=exempt.get(judged.claim.id))


async def trial(
    path: Path,
    *,
    images: Mapping[str, str] | None = None,
    runtime: str = "podman",
    context: str | None = None,
    scenarios: Sequence[Scenario[Any]] = SCENARIOS,
    selection: Selection = EVERYTHING,
    subject: str | None = None,
    keep: bool = False,
    tell: Callable[[Progress], None],
    say: Callable[[str], None] = _log.info,
) -> Trial:
    """Try a Kustomize directory or a YAML file; HarnessError says why it could not be read.

    What can be read and not be played has its static claims told, and `unplayed` says why it was not.

    `context` is the cluster's, which has scenarios of its own; `say` hears what is tried, and what is
    created there. `keep` leaves up what
    a scenario has deployed of which a claim is broken; `subject` names the workload, before trial.toml.
    """
    selection.check([*(claim.id for claim in catalogue.claims()), *(each.name for each in scenarios)])
    if runtime == "cluster" and keep:
        raise ManifestError("--keep is for --runtime podman: on a cluster a trial's namespaces are removed")
    if runtime == "cluster":
        kubeconfig.find(context)  # before anything else is done
    elif context:
        raise ManifestError("--context is for --runtime cluster")
    wall, began = datetime.now(UTC), time.monotonic()
    settings, found = configuration.read(path), await rendered(path)
    settings = replace(
        settings,
        exempt={**exemptions.of_scenarios(found), **settings.exempt},
        subject=subject or settings.subject,
    )
    known = {claim.id for claim in catalogue.claims()}
    if unknown := sorted(settings.exempt.keys() - known):
        raise ManifestError(f"{path}: trial.toml exempts {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    exemptions.check(found, known)
    given = images or {}
    for_cluster: Runtime | None = "cluster" if runtime == "cluster" else None
    fixed = selection.of(static.findings(found, settings.exempt, for_cluster))
    told = Trial(str(path), runtime, wall, 0.0, {}, {}, tuple(fixed), ())
    try:
        tried = _found(found.objects, str(path), settings)
        say(str(tried))
        check_settings(tried)
        if runtime == "podman":
            _playable(tried)
        where = _on_cluster(context, given, say) if runtime == "cluster" else _on_podman(tried, given, scenarios)
        async with where as (played, used), await Machine.calibrated() as machine:
            engine = Engine(tried, machine, given, tell, played, selection, keep)
            findings, records = await engine.run()
    except HarnessError as error:
        return replace(
            told,
            seconds=time.monotonic() - began,
            findings=(*fixed, *_unplayed(str(error), selection, settings.exempt)),
            unplayed=str(error),
        )
    unasked = _unasked(runtime, played if runtime == "cluster" else SCENARIOS, settings.exempt)
    return replace(
        told,
        seconds=time.monotonic() - began,
        versions={"python": platform.python_version(), "kernel": platform.release()} | used,
        calibration=machine.figures(),
        findings=(*fixed, *findings, *unasked),
        records=tuple(records),
        kept=tuple(engine.kept),
    )
