"""Data: what was stored is there after the pod has been replaced by another."""

import asyncio
import time
from contextlib import suppress

from seatrial.host.ports import HOST
from seatrial.kubelet.attempt import http_get
from seatrial.kubelet.deployment import new_run
from seatrial.manifests import isolation
from seatrial.manifests.probe import HttpGet
from seatrial.podman.client import Podman
from seatrial.traffic.exchange import Connection
from seatrial.trial.claims.data import CLAIMS, Stored
from seatrial.trial.configuration import Data
from seatrial.trial.load import TIMEOUT_SECONDS
from seatrial.trial.scenario import Scenario
from seatrial.trial.stage import Played, Stage, start_seconds
from seatrial.trial.subject import Subject
from seatrial.trial.termination import end
from seatrial.trial.window import Window
from seatrial.waiting import to_the_end


async def run(stage: Stage) -> Stored:
    """Store something, end the pod, make another with the same volumes, and read."""
    data, run_id = stage.subject.configuration.data, new_run()
    assert data is not None
    written = before = after = again = None
    try:
        async with stage.deployed(run=run_id, keep_volumes=True) as played:
            if await stage.until_ready(played) is None:
                return Stored(*stage.so_far())
            written = await _write(stage, played, data)
            before = await _read(played, data)
            await end(stage, played.pod, "deleted")
            for dependency in played.dependencies:
                await dependency.terminate()
        began = stage.mark("another has its volumes")
        async with stage.deployed(run=run_id, objects=stage.subject.without_jobs()) as played:
            if await stage.until_ready(played) is not None:
                after = await _read(played, data)
            again = Window(began, time.monotonic())
    finally:
        kept = isolation.claims(isolation.isolate(stage.subject.objects, run_id))
        await to_the_end(Podman().remove_volumes(kept))
    return Stored(*stage.so_far(), written=written, before=before, after=after, again=again)


async def _write(stage: Stage, played: Played, data: Data) -> str:
    connection = Connection(HOST, played.port)
    try:
        outcome = await connection.exchange(data.write, client="write", timeout_seconds=TIMEOUT_SECONDS)
    finally:
        connection.close()
    stage.requests.append(outcome)
    return "" if outcome.ok else f"{outcome.failure or outcome.status} {outcome.detail}"


async def _read(played: Played, data: Data) -> str:
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(TIMEOUT_SECONDS):
            _, answer = await http_get(HttpGet(0, data.read.path, headers=data.read.headers), played.port)
            return answer
    return "no answer"


def _why_not(subject: Subject) -> str | None:
    return None if subject.configuration.data else "trial.toml has no [data]: nothing tells how to store something"


DATA = Scenario(
    name="data",
    sentence="Something is stored, the pod is deleted, and another has its volumes.",
    run=run,
    claims=CLAIMS,
    seconds=lambda subject: 2 * start_seconds(subject) + 15.0,
    inapplicable=_why_not,
)
