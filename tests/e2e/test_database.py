"""The database goes away and comes back, and processes are killed: what is answered meanwhile, and what is kept."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from seatrial.kubelet import faults
from seatrial.kubelet.deployment import Deployment, deployed
from seatrial.kubelet.pod import Pod
from seatrial.podman.client import Podman
from seatrial.timeline import Kind
from tests.e2e import inside
from tests.e2e.ledger import Ledger, stored
from tests.overlays import overlay_path

pytestmark = pytest.mark.podman_only("its faults freeze, disconnect and kill containers of this machine")

OVERLAY = overlay_path("podman-postgres")
LIMIT_SECONDS = 120.0
WRITERS = 24  # more than twice as many as there are connections: the load is full all the time
OUTAGE_SECONDS = (
    12.0  # longer than the 3 x 2 s after which the pod is out of service, shorter than 3 x 10 s of liveness
)
STORM_SECONDS = 20.0
# A place 0.5 + the request timeout 9: what a request can wait for; and a busy machine.
BOUND_SECONDS = 9.5 + 4.0
MACHINE_SECONDS = 2.0

Fault = Callable[[Podman, Pod], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def written_to(deployment: Deployment) -> AsyncIterator[Ledger]:
    """Have writers at work; at the end every acknowledged note must be stored."""
    ledger = Ledger(deployment.run)
    async with asyncio.TaskGroup() as group:
        for _ in range(WRITERS):
            group.create_task(ledger.write(deployment.pod))
        try:
            yield ledger
        finally:
            ledger.stopping.set()
    lost = ledger.acknowledged - await stored(deployment.pod)
    assert not lost, f"{len(lost)} acknowledged notes are lost; {ledger}"


async def until_accepting(deployment: Deployment) -> float:
    """Return the moment (monotonic) at which the database was seen to accept connections."""
    (container,) = deployment.component("database").template.containers
    async with asyncio.timeout(LIMIT_SECONDS):
        while (await deployment.podman.exec(container.podman_name, ("pg_isready", "-q", "-t1"))).returncode:
            pass  # each look takes its time
    return time.monotonic()


@pytest.mark.parametrize("fault", [faults.stopped, faults.paused, faults.disconnected], ids=lambda f: f.__name__)
async def test_outage_of_the_database_fails_readiness_and_requests_fast_and_nothing_else(fault: Fault) -> None:
    """Readiness fails and recovers within a period and its timeout; 503 with Retry-After; live, no restart, no loss."""
    async with deployed(OVERLAY) as deployment:
        pod, timeline = deployment.pod, deployment.timeline
        (container,) = pod.template.containers
        assert container.readiness
        noticed_seconds = container.readiness.period_seconds + container.readiness.timeout_seconds + MACHINE_SECONDS
        readiness = f"{container.name}/readiness"
        await pod.until_ready(LIMIT_SECONDS)
        async with written_to(deployment) as ledger:
            await pod.until(lambda: len(ledger.acknowledged) > 20, LIMIT_SECONDS, "notes are written")
            async with fault(deployment.podman, deployment.component("database")):
                began = time.monotonic()
                await asyncio.sleep(OUTAGE_SECONDS)
                ended = time.monotonic()
            back = await until_accepting(deployment)
            await pod.until_ready(LIMIT_SECONDS)
            await pod.until(lambda: ledger.answers[-1].status == 201, LIMIT_SECONDS, "notes are written again")
        explained = f"{ledger}\n{await pod.report()}"

        failed = timeline.first(Kind.ATTEMPT_FAILED, readiness, since=began - noticed_seconds)
        assert failed, explained
        assert failed.at - began <= noticed_seconds, explained
        assert '"database":' in failed.detail, explained
        succeeded = timeline.first(Kind.ATTEMPT_SUCCEEDED, readiness, since=ended)
        assert succeeded, explained
        assert succeeded.at - back <= noticed_seconds, explained
        assert timeline.trajectory(pod.name, Kind.READY, Kind.NOT_READY) == [Kind.READY, Kind.NOT_READY, Kind.READY]

        meanwhile = ledger.since(began + MACHINE_SECONDS, ended - MACHINE_SECONDS)
        assert meanwhile, explained
        assert {answer.status for answer in ledger.answers} <= {201, 503}, explained
        assert any(answer.status == 503 for answer in meanwhile), explained
        assert max(answer.seconds for answer in ledger.answers) <= BOUND_SECONDS, explained
        for answer in ledger.answers:
            if answer.status == 503:
                assert answer.retry_after, explained
                assert "asyncpg" not in answer.text, explained

        assert not timeline.of(Kind.ATTEMPT_FAILED, subject=f"{container.name}/liveness"), explained
        assert pod.restarts(container.name) == 0, explained


async def kill_and_await_restart(deployment: Deployment) -> None:
    """SIGKILL PostgreSQL's first process, and wait until its container was started again and is ready."""
    database = deployment.component("database")
    (container,) = database.template.containers
    before = database.restarts(container.name)
    await deployment.podman.kill(container.podman_name, "SIGKILL")
    await database.until(lambda: database.restarts(container.name) > before, LIMIT_SECONDS, "it is restarted")
    await database.until_ready(LIMIT_SECONDS)


async def test_storm_of_kills_loses_no_acknowledged_write() -> None:
    """SIGKILL to workers, to PostgreSQL's backends and to PostgreSQL itself, over and over."""
    async with deployed(OVERLAY) as deployment:
        database = deployment.component("database")
        (postgres,) = database.template.containers
        await deployment.pod.until_ready(LIMIT_SECONDS)
        kills = backends = 0
        async with written_to(deployment) as ledger:
            end = time.monotonic() + STORM_SECONDS
            while time.monotonic() < end:
                await inside.kill_worker(deployment)
                backends += await inside.kill_backend(deployment)
                kills += 2
                if kills % 10 == 0:
                    await kill_and_await_restart(deployment)
                await asyncio.sleep(0.5)  # not a wait for anything: the storm's rhythm
            await deployment.pod.until_ready(LIMIT_SECONDS)
            since = time.monotonic()
            await deployment.pod.until(
                lambda: any(answer.status == 201 for answer in ledger.since(since)), LIMIT_SECONDS, "it is over"
            )
        assert kills >= 10, ledger
        assert backends >= 3, ledger
        assert database.restarts(postgres.name) >= 1, ledger
        assert len(ledger.acknowledged) > 100, ledger
