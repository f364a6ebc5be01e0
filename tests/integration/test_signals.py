"""Signals that end nothing: a pause by SIGSTOP, and those that mean nothing to the service."""

import asyncio
import os
import signal
from pathlib import Path

import httpx

from seatrial.waiting import eventually
from tests.integration.service import LIMIT_SECONDS, Service, migrated, running
from tests.integration.upload import begin_upload


async def until_stopped(*pids: int) -> None:
    """Wait until SIGSTOP has stopped these processes."""

    def stopped() -> bool:
        return all(Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].startswith("T") for pid in pids)

    await eventually(stopped, LIMIT_SECONDS, "stopped processes")


async def until_looked_at_workers(service: Service) -> None:
    """Wait until the arbiter has looked at its workers: between two signals, handled one after the other."""
    for _ in range(2):
        printed = service.printed("SIGHUP is ignored")
        service.process.send_signal(signal.SIGHUP)
        await service.until_printed("SIGHUP is ignored", count=printed + 1)


async def test_pause_kills_no_worker(tmp_path: Path) -> None:
    """A machine that stood still for longer than the timeout has the workers it had, whoever wakes up first."""
    async with running(tmp_path, "serve", WEB_CONCURRENCY="2", APP_WORKER_TIMEOUT_SECONDS="5") as service:
        await service.until_printed("Application startup complete.", count=2)
        await service.until_ready()  # and nobody writes to the log: who is stopped in that keeps the others from it
        os.killpg(service.process.pid, signal.SIGSTOP)
        await until_stopped(service.process.pid, *service.workers())
        await asyncio.sleep(7)  # not a wait for anything: the pause is the point
        service.process.send_signal(signal.SIGCONT)
        await until_looked_at_workers(service)
        os.killpg(service.process.pid, signal.SIGCONT)
        await service.until_ready()
        await until_looked_at_workers(service)
        assert not service.printed("WORKER TIMEOUT")
        assert len(service.workers()) == 2


async def test_worker_that_hangs_after_a_pause_is_replaced(tmp_path: Path) -> None:
    """A pause is no licence: who does not come back from it is killed a timeout later."""
    async with running(tmp_path, "serve", WEB_CONCURRENCY="1", APP_WORKER_TIMEOUT_SECONDS="2") as service:
        await service.until_ready()
        worker = service.workers()[-1]
        os.killpg(service.process.pid, signal.SIGSTOP)
        await until_stopped(service.process.pid, worker)
        await asyncio.sleep(4)  # as above
        service.process.send_signal(signal.SIGCONT)
        await service.until_printed("WORKER TIMEOUT")
        await service.until_printed("Booting worker", count=2)
        await service.until_ready()


async def test_pause_during_the_drain_kills_no_worker(tmp_path: Path) -> None:
    """A machine stood still for longer than the whole end may take: the worker still cleans up, whoever wakes first."""
    await migrated(tmp_path)
    async with running(
        tmp_path,
        "serve",
        WEB_CONCURRENCY="1",
        APP_LAME_DUCK_SECONDS="0",
        APP_LINGER_SECONDS="0",
        APP_DRAIN_SECONDS="2",
        APP_REQUEST_TIMEOUT_SECONDS="1.5",
    ) as service:
        await service.until_ready()
        _, writer = await begin_upload(service)
        service.process.terminate()
        await service.until_refused()
        os.killpg(service.process.pid, signal.SIGSTOP)
        await until_stopped(service.process.pid, *service.workers())
        await asyncio.sleep(8)  # not a wait for anything: 2 s of the drain and 5 s of the clean-up are over
        looks = looks_of(service)
        service.process.send_signal(signal.SIGCONT)
        await eventually(lambda: looks_of(service) > looks + 3, LIMIT_SECONDS, "the arbiter looks at its workers")
        os.killpg(service.process.pid, signal.SIGCONT)
        assert await service.exit_code() == 0
        assert service.printed("Application shutdown complete.")
        writer.close()


def looks_of(service: Service) -> int:
    """Return how often the arbiter has slept: once between two looks at its workers."""
    lines = Path(f"/proc/{service.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


async def test_other_signals_change_nothing(tmp_path: Path) -> None:
    """Sent to the whole group they cost no worker, no readiness and no request, and start no second arbiter."""
    async with (
        running(tmp_path, "serve", WEB_CONCURRENCY="2", APP_LAME_DUCK_SECONDS="0", APP_LINGER_SECONDS="0") as service,
        httpx.AsyncClient(headers={"connection": "close"}) as client,
    ):
        await service.until_printed("Application startup complete.", count=2)
        workers = service.workers()
        for name in ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGTTIN", "SIGTTOU"):
            os.killpg(service.process.pid, signal.Signals[name])
            await service.until_printed(f"{name} is ignored")
        os.killpg(service.process.pid, signal.SIGWINCH)
        await until_looked_at_workers(service)
        for _ in range(20):
            assert (await client.get(f"{service.url}/health/ready")).is_success
        assert service.children() == service.workers() == workers
        service.process.terminate()
        assert await service.exit_code() == 0
