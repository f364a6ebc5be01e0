"""The subject waits for cores: what is judged by time is not its fault then, and is when it had what it asked for."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from harness.tests.trial.synthetic import subject
from seatrial.host.cores import CoreGroup, Reading, Task
from seatrial.trial import starvation as module
from seatrial.trial.engine import Engine
from seatrial.trial.judgement import Judgement, broken, claim
from seatrial.trial.machine import Machine
from seatrial.trial.scenario import Scenario
from seatrial.trial.stage import Stage
from seatrial.trial.starvation import RECENT, Sample, Starvation
from seatrial.trial.verdict import Verdict
from seatrial.trial.window import Window
from seatrial.waiting import eventually

ALL = Window(0.0, 100.0)


def samples(ran: float, waited: float, *, since: int = 0, number: int = 2 * RECENT) -> list[Sample]:
    """Return samples of one second each."""
    return [Sample(float(at), ran, waited) for at in range(since, since + number)]


@pytest.mark.parametrize(
    ("ran", "waited", "said"),
    [(0.2, 0.7, "4.5 times"), (0.0, 1.0, "100.0 times"), (0.5, 1.0, None), (0.01, 0.05, None), (1.0, 0.0, None)],
)
def test_what_waits_much_longer_than_it_works_is_starved(ran: float, waited: float, said: str | None) -> None:
    """What got no core at all is, too; what waits for next to no time is not."""
    found = Starvation(samples(ran, waited)).slowness(ALL)
    assert said in str(found) if said else found is None


def test_one_moment_is_chance() -> None:
    """So many samples in a row count, and fewer only where there are no more."""
    assert Starvation([*samples(0.5, 0.1), Sample(20.0, 0.1, 2.0), *samples(0.5, 0.1, since=21)]).slowness(ALL) is None
    assert Starvation([Sample(1.0, 0.1, 1.9)]).slowness(ALL)
    assert Starvation().slowness(ALL) is None


def test_what_was_starved_at_another_time_is_not_excused() -> None:
    """What is short has few samples of its own: those before it count as well."""
    seen = Starvation([*samples(0.1, 0.9), *samples(0.5, 0.0, since=10, number=20)])
    assert seen.slowness(Window(0.0, 9.0))
    assert seen.slowness(Window(9.0, 10.0))
    assert seen.slowness(Window(15.0, 30.0)) is None


async def test_processes_are_watched_as_they_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each container's cgroup is read anew; what cannot be read is none."""
    read = iter(range(1, 1000))

    def one_more(_: CoreGroup) -> Reading:
        number = next(read)
        return Reading({1: Task(0.25 * number, 0.5 * number)}, 0.0)

    monkeypatch.setattr(module, "SAMPLE_SECONDS", 0.01)
    monkeypatch.setattr(CoreGroup, "of", classmethod(_group))
    monkeypatch.setattr(CoreGroup, "read", one_more)
    seen, pids = Starvation(), [os.getpid()]
    async with seen.watched(lambda: pids):
        await eventually(lambda: Sample(0.0, 0.25, 0.5) in _timeless(seen.samples), 20.0, "it is sampled")
        pids[:] = [-1]
        await eventually(lambda: _timeless(seen.samples[-1:]) == [Sample(0.0, 0.0, 0.0)], 20.0, "it is gone")
    number = len(seen.samples)
    await asyncio.sleep(0.05)
    assert len(seen.samples) == number


def _group(cls: type[CoreGroup], pid: int) -> CoreGroup:
    if pid < 0:
        raise ProcessLookupError
    return cls(Path("/"), Path("/"))


def _timeless(found: Iterable[Sample]) -> list[Sample]:
    return [Sample(0.0, each.ran_seconds, each.waited_seconds) for each in found]


@claim("it.is-fast", "It is fast.", timed=lambda seen: seen)
def is_fast(_: Window) -> Judgement:
    """Judge that it is not."""
    return broken("it was slow")


@pytest.mark.parametrize(
    ("ran", "window", "verdict"),
    [
        (0.1, Window(5.0, 20.0), Verdict.NOT_RUN),
        (0.5, Window(5.0, 20.0), Verdict.BROKEN),
        (0.1, Window(40.0, 50.0), Verdict.BROKEN),
    ],
)
async def test_what_a_starved_subject_missed_is_not_run(ran: float, window: Window, verdict: Verdict) -> None:
    """In the time that the claim is about; at another it is broken, and so is what had its cores."""

    async def run(stage: Stage) -> Window:
        stage.starvation.samples += [*samples(ran, 0.9, number=30), *samples(0.5, 0.0, since=30, number=30)]
        return window

    scenario = Scenario("one", "It is looked at.", run, (is_fast,), lambda _: 1.0)
    (found,), _ = await Engine(subject(), Machine(), {}, lambda _: None, (scenario,)).run()
    assert found.verdict is verdict
    assert "it was slow" in found.evidence
