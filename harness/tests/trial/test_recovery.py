"""When a worker that was killed counts as replaced, and what is left to tell when none is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from harness.tests.trial.synthetic import subject
from seatrial.errors import HarnessError, LimitExceededError
from seatrial.trial.machine import Machine
from seatrial.trial.scenarios import recovery
from seatrial.trial.scenarios.recovery import RECOVERY, replaced
from seatrial.trial.stage import Stage
from seatrial.trial.verdict import Verdict

MAIN, WORKER = 10, 11


@pytest.mark.parametrize(
    ("now", "restarted", "ready", "told"),
    [
        ([7, 9], False, True, True),
        ([7], False, True, False),
        ([6, 7], False, True, False),
        ([], True, True, True),
        ([], True, False, False),
        ([], False, True, False),
    ],
)
def test_worker_is_replaced_when_as_many_listen_again_or_a_restart_is_over(
    now: list[int], *, restarted: bool, ready: bool, told: bool
) -> None:
    """A container whose only worker was the service itself is restarted: nothing of the old one will ever listen."""
    assert replaced([6, 7], now, restarted=restarted, ready=ready) is told


class Scene(Stage):
    """A container with a supervisor and one worker, which is not replaced; then, it may be, without processes."""

    killed, exits = False, False

    def workers(self, _: int) -> list[int]:
        """Return what listens."""
        return [] if self.killed else [WORKER]

    def send(self, *_: Any) -> None:
        """Kill the worker."""
        self.killed = True

    async def processes(self, _: Any) -> Any:
        """Return its processes."""
        if self.killed and self.exits:
            raise HarnessError("the container has exited")
        return SimpleNamespace(main=MAIN, workers=self.workers)

    async def until(self, *_: Any) -> float:
        """Wait in vain."""
        raise LimitExceededError("not replaced")

    async def until_ready(self, _: Any) -> float:
        """Be ready at once."""
        return 0.0

    @asynccontextmanager
    async def deployed(self, **_: Any) -> AsyncIterator[Any]:
        """Play nothing."""
        pod = SimpleNamespace(restarts=lambda _: 0, until=self.until, ready=True, template=self.subject.template)
        yield SimpleNamespace(pod=pod, subject=self.subject)


@pytest.mark.parametrize(("exits", "why"), [(False, "no worker is left"), (True, "the container has exited")])
async def test_worker_that_was_not_replaced_is_told_though_the_rest_cannot_be(
    monkeypatch: pytest.MonkeyPatch, *, exits: bool, why: str
) -> None:
    """The only one under a supervisor; or the container is not there any more."""
    scene = Scene("recovery", "", subject(), Machine())
    scene.exits = exits

    async def no_load(_: Any) -> None:
        """Find nothing to send."""

    monkeypatch.setattr(recovery, "processes", scene.processes)
    monkeypatch.setattr(recovery, "send", scene.send)
    monkeypatch.setattr(recovery, "loading", SimpleNamespace(find=no_load))
    seen = await RECOVERY.run(scene)
    worker, *rest = (each(seen) for each in RECOVERY.claims)
    assert worker.verdict is Verdict.BROKEN
    assert [each.verdict for each in rest] == [Verdict.NOT_RUN] * 2
    assert all(why in each.evidence[0] for each in rest)
