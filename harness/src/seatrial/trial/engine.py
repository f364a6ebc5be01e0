"""The trial itself: every scenario that applies, as many side by side as disturb each other not, and the findings."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seatrial.podman.client import Podman
from seatrial.trial.judgement import Judged, Judgement, not_applicable, not_run, untold
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
from seatrial.trial.selection import EVERYTHING, LEFT_OUT, Selection
from seatrial.trial.stage import Stage
from seatrial.trial.subject import Subject
from seatrial.trial.verdict import Finding, Kept, Record
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
