"""The trial itself: every scenario that applies, as many side by side as disturb each other not, and the findings."""

import asyncio
import logging
import platform
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
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
from seatrial.trial.judgement import Judged, Judgement, not_applicable, not_asked, not_run, untold
from seatrial.trial.machine import Machine
from seatrial.trial.progress import Progress, Running
from seatrial.trial.scenario import Scenario
from seatrial.trial.scenarios.data import DATA
from seatrial.trial.scenarios.ends import ENDS
from seatrial.trial.scenarios.hang import HANG
from seatrial.trial.scenarios.lifetime import LIFETIME
from seatrial.trial.scenarios.memory import MEMORY
from seatrial.trial.scenarios.outage import OUTAGE
from seatrial.trial.scenarios.podman_alone import PODMAN_ALONE
from seatrial.trial.scenarios.recovery import RECOVERY
from seatrial.trial.scenarios.setting import MISSING, SETTING
from seatrial.trial.scenarios.setting import check as check_settings
from seatrial.trial.selection import EVERYTHING, LEFT_OUT, Selection
from seatrial.trial.stage import Stage
from seatrial.trial.subject import Subject, find
from seatrial.trial.verdict import Finding, Kept, Record, Trial
from seatrial.trial.window import Window

SCENARIOS: Sequence[Scenario[Any]] = (
    LIFETIME,
    ENDS,
    OUTAGE,
    RECOVERY,
    MEMORY,
    HANG,
    SETTING,
    MISSING,
    DATA,
    PODMAN_ALONE,
)
SIDE_BY_SIDE = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Ran:
    """What a scenario saw, or the judgement that it could not be run; its record; and why to doubt what went wrong.

    `slowness` says why to doubt what was timed in a part of it.
    """

    outcome: Any
    record: Record | None = None
    doubt: str | None = None
    slowness: Callable[[Window], str | None] = lambda _: None


@dataclass
class Engine:
    """One trial of one subject; `tell` hears of its progress, and `kept` has what `keep` leaves of broken scenarios."""

    subject: Subject
    machine: Machine
    images: Mapping[str, str]
    tell: Callable[[Progress], None]
    scenarios: Sequence[Scenario[Any]] = SCENARIOS
    selection: Selection = EVERYTHING
    keep: bool = False
    kept: list[Kept] = field(default_factory=list)
    _running: dict[str, tuple[Stage, float]] = field(default_factory=dict)
    _waiting: list[Scenario[Any]] = field(default_factory=list)
    _done: int = 0

    async def run(self) -> tuple[list[Finding], list[Record]]:
        """Run the scenarios and return the findings, in the order of the claims, and the records."""
        asked = [each for each in self.scenarios if self.selection.plays(each)]
        applicable = [each for each in asked if each.inapplicable(self.subject) is None]
        self._waiting = sorted(applicable, key=lambda each: -each.seconds(self.subject))
        slots, quiet = asyncio.Semaphore(SIDE_BY_SIDE), asyncio.Lock()
        async with asyncio.TaskGroup() as group:
            tasks = {each.name: group.create_task(self._one(each, slots, quiet)) for each in tuple(self._waiting)}
        findings: list[Finding] = []
        for scenario in self.scenarios:
            if reason := scenario.inapplicable(self.subject):
                ran = _Ran(not_applicable(reason))
            elif scenario not in asked:
                ran = _Ran(LEFT_OUT)
            else:
                ran = tasks[scenario.name].result()
            findings += [self._finding(scenario, each, ran) for each in scenario.claims]
        return findings, [record for each in applicable if (record := tasks[each.name].result().record)]

    async def _one(self, scenario: Scenario[Any], slots: asyncio.Semaphore, quiet: asyncio.Lock) -> "_Ran":
        if scenario.loud:
            async with quiet, slots:
                return await self._run(scenario)
        async with slots:
            return await self._run(scenario)

    async def _run(self, scenario: Scenario[Any]) -> "_Ran":
        stage = Stage(
            scenario.name,
            scenario.sentence,
            self.subject,
            self.machine,
            self.images,
            keep=self.keep,
            marked=self._report,
        )
        began = stage.timeline.began
        self._waiting.remove(scenario)
        self._running[scenario.name] = stage, began + scenario.seconds(self.subject) * self.machine.factor
        self._report()
        try:
            outcome = await scenario.run(stage)
        except Exception as error:  # noqa: BLE001 - a defect of the harness ends its scenario, not the trial
            outcome = untold(error)
        finally:
            del self._running[scenario.name]
            self._done += 1
            self._report()

        def slowness(part: Window) -> str | None:
            return self.machine.slowness(part) or stage.starvation.slowness(part)

        ran = _Ran(outcome, stage.record(), self.machine.doubt(Window(began, time.monotonic())), slowness)
        await self._leave(scenario, ran, stage.kept)
        return ran

    async def _leave(self, scenario: Scenario[Any], ran: "_Ran", runs: Sequence[str]) -> None:
        """Leave what a scenario has deployed when a claim of it is broken, and remove it otherwise."""
        is_broken = any(self._finding(scenario, judged, ran).fails for judged in scenario.claims)
        for run in runs:
            if is_broken:
                left = await Podman().leftovers(run)
                self.kept.append(Kept(scenario.name, left.pods, left.removal()))
            else:
                await Podman().remove_run(run)

    def _finding(self, scenario: Scenario[Any], judged: Judged[Any], ran: "_Ran") -> Finding:
        doubt = ran.doubt
        try:
            if not self.selection.asks(judged.claim.id, scenario.name):
                judgement = LEFT_OUT
            elif isinstance(ran.outcome, Judgement):
                judgement = ran.outcome
            else:
                judgement = judged(ran.outcome)
                when = judged.timed(ran.outcome) if judged.timed else None
                doubt = doubt or (ran.slowness(when) if when else None)
        except Exception as error:  # noqa: BLE001 - and a defect of a judge its claim
            judgement = untold(error)
        if doubt and judgement.fallible:
            judgement = not_run(doubt, *judgement.evidence, **judgement.figures)
        exempt = self.subject.configuration.exempt.get(judged.claim.id)
        return judged.finding(judgement, scenario=scenario.name, exempt=exempt)

    def _report(self) -> None:
        now = time.monotonic()
        running = tuple(Running(name, stage.phase, until) for name, (stage, until) in self._running.items())
        left = [max(each.until - now, 0.0) for each in running]
        waiting = sum(each.seconds(self.subject) for each in self._waiting) * self.machine.factor
        until = now + max([*left, (sum(left) + waiting) / SIDE_BY_SIDE])
        names = tuple(each.name for each in self._waiting)
        self.tell(Progress(running, names, self._done, self._done + len(running) + len(names), until))


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
    keep: bool = False,
    tell: Callable[[Progress], None],
    say: Callable[[str], None] = _log.info,
) -> Trial:
    """Try a Kustomize directory or a YAML file; HarnessError says why it could not be read.

    What can be read and not be played has its static claims told, and `unplayed` says why it was not.

    `context` is the cluster's, which has scenarios of its own; `say` hears what is created there. `keep` leaves up what
    a scenario has deployed of which a claim is broken.
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
    settings = replace(settings, exempt={**exemptions.of_scenarios(found), **settings.exempt})
    known = {claim.id for claim in catalogue.claims()}
    if unknown := sorted(settings.exempt.keys() - known):
        raise ManifestError(f"{path}: trial.toml exempts {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    exemptions.check(found, known)
    given = images or {}
    for_cluster: Runtime | None = "cluster" if runtime == "cluster" else None
    fixed = selection.of(static.findings(found, settings.exempt, for_cluster))
    told = Trial(str(path), runtime, wall, 0.0, {}, {}, tuple(fixed), ())
    try:
        subject = _found(found.objects, str(path), settings)
        check_settings(subject)
        if runtime == "podman":
            _playable(subject)
        where = _on_cluster(context, given, say) if runtime == "cluster" else _on_podman(subject, given, scenarios)
        async with where as (played, used), await Machine.calibrated() as machine:
            engine = Engine(subject, machine, given, tell, played, selection, keep)
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
