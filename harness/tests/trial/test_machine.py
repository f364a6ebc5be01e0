"""How busy the machine is: budgets scale with it, and a harness that was late itself calls nothing broken."""

import asyncio
import os
import time
from dataclasses import replace

import pytest

from harness.tests.trial.synthetic import subject
from seatrial.trial import machine as module
from seatrial.trial.engine import Engine
from seatrial.trial.judgement import Judged, Judgement, broken, claim, held, held_by_failing
from seatrial.trial.machine import ALLOWANCE_SECONDS, LATE_SECONDS, RECENT, REFERENCE_SPAWN_SECONDS, Look, Machine
from seatrial.trial.scenario import Scenario
from seatrial.trial.stage import Stage
from seatrial.trial.verdict import Verdict
from seatrial.trial.window import Window
from seatrial.waiting import eventually
from tests.controls.busy import busy

IDLE = Look(0.0, REFERENCE_SPAWN_SECONDS, 1.0)


def test_allowance_grows_with_what_was_measured_and_never_shrinks_below_its_base() -> None:
    """Three times slower: three times the time. A faster machine gets no less than the base."""
    assert Machine().allowance_seconds == ALLOWANCE_SECONDS
    assert Machine(REFERENCE_SPAWN_SECONDS / 2).allowance_seconds == ALLOWANCE_SECONDS
    assert Machine(stretch=3.0).allowance_seconds == 3 * ALLOWANCE_SECONDS


def test_machine_that_became_busy_later_is_as_slow() -> None:
    """By several measurements in a row: a single one is chance. What is short may start at once all the same."""
    slow = 4 * REFERENCE_SPAWN_SECONDS
    assert Machine(looks=[Look(0.0, slow, 1.0)] * RECENT).factor == 4.0
    assert Machine(looks=[IDLE] * RECENT + [Look(0.0, slow, 1.0)]).factor == 1.0
    assert Machine(looks=[Look(0.0, REFERENCE_SPAWN_SECONDS, 3.0)] * RECENT).factor == 3.0
    assert Machine(looks=[IDLE] * RECENT + [Look(0.0, REFERENCE_SPAWN_SECONDS, 3.0)]).factor == 1.0


def test_machine_that_was_slow_at_another_time_is_not_to_blame() -> None:
    """What is short has few looks of its own: those before it count as well."""
    machine = Machine(
        looks=[Look(float(at), REFERENCE_SPAWN_SECONDS, 5.0 if 20 <= at < 30 else 1.0) for at in range(60)]
    )
    assert machine.slowness(Window(0.0, 19.0)) is None
    assert machine.slowness(Window(35.0, 60.0)) is None
    assert "5.0 times slower" in str(machine.slowness(Window(10.0, 40.0)))
    assert "5.0 times slower" in str(machine.slowness(Window(28.0, 29.0)))


async def test_calibration_measures_this_machine() -> None:
    """Both figures are of something that was done: none takes less than it works, but for what clocks differ by."""
    machine = await Machine.calibrated()
    assert machine.spawn_seconds > 0
    assert machine.stretch > 0.9


async def test_work_that_waits_for_a_core_stretches() -> None:
    """Four processes that compute to a core leave it a fifth of one."""
    cores = len(os.sched_getaffinity(0))
    with busy(4 * cores):
        machine = await Machine.calibrated()
    assert machine.stretch > 1.5


async def test_machine_is_measured_as_long_as_it_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways, and again."""
    monkeypatch.setattr(module, "SPAWN_TICKS", 2)
    async with Machine() as machine:
        await eventually(lambda: len(machine.looks) > 1, 60.0, "it is measured twice")
    assert all(each.spawn_seconds > 0 and each.stretch > 0 for each in machine.looks)


async def test_harness_that_was_late_is_found_out() -> None:
    """A second and more in which nothing else could run, in the time that it was in and in no other."""
    async with Machine() as machine:
        await asyncio.sleep(0.2)
        before = time.monotonic()
        assert machine.doubt(Window(0.0, before)) is None
        time.sleep(LATE_SECONDS + 0.3)  # noqa: ASYNC251 - this is what is to be found out
        await asyncio.sleep(0.2)
        assert "too busy to tell" in str(machine.doubt(Window(before, time.monotonic())))


@claim("it.is-good", "It is good.")
def is_good(_: None) -> Judgement:
    """Judge that it is not."""
    return broken("it was slow", seconds=5.0)


async def test_what_seemed_broken_to_a_late_harness_is_not_run() -> None:
    """With what was seen, and why nothing can be told; without the lag it is broken."""

    async def late(stage: Stage) -> None:
        stage.machine.lags.append((time.monotonic(), 2.0))

    async def prompt(_: Stage) -> None:
        pass

    verdicts = []
    for run in (late, prompt):
        scenario = Scenario("one", "It is looked at.", run, (is_good,), lambda _: 1.0)
        (found,), _ = await Engine(subject(), Machine(), {}, lambda _: None, (scenario,)).run()
        verdicts.append(found.verdict)
        assert "it was slow" in found.evidence
    assert verdicts == [Verdict.NOT_RUN, Verdict.BROKEN]


@claim("one", "It fails.", timed=lambda _: Window(0.0, 1.0))
def fails(_: None) -> Judgement:
    """Hold, because something failed."""
    return held_by_failing("it was slow")


@claim("one", "It answers.", timed=lambda _: Window(0.0, 1.0))
def answers(_: None) -> Judgement:
    """Hold."""
    return held("it was slow")


@pytest.mark.parametrize(
    ("factor", "judged", "verdict"),
    [
        (5.0, replace(is_good, timed=lambda _: Window(0.0, 1.0)), Verdict.NOT_RUN),
        (5.0, replace(is_good, timed=lambda _: None), Verdict.BROKEN),
        (5.0, replace(is_good, timed=None), Verdict.BROKEN),
        (1.0, replace(is_good, timed=lambda _: Window(0.0, 1.0)), Verdict.BROKEN),
        (5.0, fails, Verdict.NOT_RUN),
        (5.0, answers, Verdict.HELD),
        (1.0, fails, Verdict.HELD),
    ],
)
async def test_what_a_slow_machine_may_be_the_reason_of_is_not_run(
    factor: float, judged: Judged[None], verdict: Verdict
) -> None:
    """Probes' timeouts do not scale with it; what is not about time is broken, what holds otherwise held, on any."""

    async def run(_: Stage) -> None:
        pass

    scenario = Scenario("one", "It is looked at.", run, (judged,), lambda _: 1.0)
    machine = Machine(looks=[Look(0.0, factor * REFERENCE_SPAWN_SECONDS, 1.0)] * RECENT)
    (found,), _ = await Engine(subject(), machine, {}, lambda _: None, (scenario,)).run()
    assert found.verdict is verdict
    assert "it was slow" in found.evidence
