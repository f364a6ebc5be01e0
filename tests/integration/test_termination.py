"""Termination of the real process by real signals. Timing is settled by events; the limits are generous."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.harness.waiting import eventually
from tests.integration.service import LIMIT_SECONDS, Service, migrated, running

NOTES = "/api/v1/notes"
HANGING = """
import sys, time
from app.__main__ import main
from app.routes import health

@health.router.get("/hang")
async def hang():
    time.sleep(600)

sys.exit(main(["serve"]))
"""
UPLOAD = b'{"title": "slow", "body": "%s"}' % (b"x" * 1000)


async def begin_upload(service: Service) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a request's head and half of its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    headers = f"Host: test\r\nContent-Type: application/json\r\nContent-Length: {len(UPLOAD)}"
    writer.write(f"POST {NOTES} HTTP/1.1\r\n{headers}\r\n\r\n".encode() + UPLOAD[:500])
    await writer.drain()
    return reader, writer


def workers_of(service: Service) -> list[int]:
    """Return the pids of all workers that it has ever started, the oldest first."""
    boots = [line["event"] for line in service.events() if "Booting worker" in line["event"]]
    return [int(boot.rsplit(" ", 1)[1]) for boot in boots]


def worker_of(service: Service) -> int:
    """Return the pid of its newest worker."""
    return workers_of(service)[-1]


def children_of(service: Service) -> list[int]:
    """Return the pids of the processes that it has now."""
    pid = service.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_sigterm_makes_a_lame_duck_that_answers_and_closes(tmp_path: Path) -> None:
    """Readiness fails while requests on old and new connections succeed, each answered with `Connection: close`."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="3") as service, httpx.AsyncClient() as client:
        await service.until_ready()
        assert "connection" not in (await client.get(f"{service.url}/health/live")).headers
        service.process.send_signal(signal.SIGTERM)
        await service.until_ready(ready=False)
        answer = await client.get(f"{service.url}/health/live")
        assert answer.status_code == 200
        assert answer.headers["connection"] == "close"
        assert await service.exit_code() == 0
        assert [line for line in service.events() if line["event"] == "Application shutdown complete."]


async def test_request_in_flight_is_answered_after_the_listener_has_closed(tmp_path: Path) -> None:
    """A request that began in the lame duck and needs longer than it has its answer, and the exit code is 0."""
    await migrated(tmp_path)
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="0.5", APP_LINGER_SECONDS="0.2") as service:
        await service.until_ready()
        reader, writer = await begin_upload(service)
        service.process.send_signal(signal.SIGTERM)
        await service.until_refused()
        writer.write(UPLOAD[500:])
        assert (await reader.readline()).startswith(b"HTTP/1.1 201")
        writer.close()
        assert await service.exit_code() == 0


async def test_request_that_never_ends_has_its_answer_within_the_drain(tmp_path: Path) -> None:
    """The request timeout is less than the drain: who never finishes is told so, and the lifespan still ends."""
    async with running(
        tmp_path,
        "serve",
        APP_LAME_DUCK_SECONDS="0",
        APP_LINGER_SECONDS="0",
        APP_DRAIN_SECONDS="5",
        APP_REQUEST_TIMEOUT_SECONDS="0.5",
    ) as service:
        await service.until_ready()
        reader, writer = await begin_upload(service)
        service.process.send_signal(signal.SIGTERM)
        assert (await reader.readline()).startswith(b"HTTP/1.1 408")
        assert await service.exit_code() == 0
        assert [line for line in service.events() if line["event"] == "Application shutdown complete."]
        writer.close()


async def test_idle_connection_has_one_more_answer_after_the_listener_has_closed(tmp_path: Path) -> None:
    """In the linger a kept-alive connection's next request is answered, not reset."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="0", APP_LINGER_SECONDS="30") as service:
        await service.until_ready()
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        service.process.send_signal(signal.SIGTERM)
        await service.until_refused()
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n")
        rest = await reader.read()
        assert b"HTTP/1.1 200" in rest
        assert b"connection: close" in rest
        writer.close()
        assert await service.exit_code() == 0


async def test_second_sigterm_changes_nothing(tmp_path: Path) -> None:
    """A signal to the whole group, as some inits send it, and a repeat leave the lame duck as it is."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="2") as service, httpx.AsyncClient() as client:
        await service.until_ready()
        os.killpg(service.process.pid, signal.SIGTERM)
        await service.until_printed("Handling signal: term")
        os.killpg(service.process.pid, signal.SIGTERM)
        assert (await client.get(f"{service.url}/health/live")).status_code == 200
        assert await service.exit_code() == 0


async def test_sigint_ends_quickly_and_cleans_up(tmp_path: Path) -> None:
    """Ctrl-C waits for no lame duck of a minute, and the lifespan still ends."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="600") as service:
        await service.until_ready()
        os.killpg(service.process.pid, signal.SIGINT)
        assert await service.exit_code() == 0
        assert [line for line in service.events() if line["event"] == "Application shutdown complete."]


async def test_sigint_cuts_a_lame_duck_short(tmp_path: Path) -> None:
    """Who has sent SIGTERM may still want it quickly."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="600") as service:
        await service.until_ready()
        service.process.send_signal(signal.SIGTERM)
        await service.until_printed("Handling signal: term")
        service.process.send_signal(signal.SIGINT)
        assert await service.exit_code() == 0
        assert [line for line in service.events() if line["event"] == "Application shutdown complete."]


@pytest.mark.parametrize("moment", range(8))
async def test_sigterm_while_starting_ends_at_once(tmp_path: Path, moment: int) -> None:
    """Wherever the start is, SIGTERM ends it: no lame duck of minutes, no wait for gunicorn's graceful_timeout."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="0", APP_DRAIN_SECONDS="600") as service:
        await asyncio.sleep(0.05 + 0.15 * moment)  # not a wait for anything: the moments are the point
        service.process.send_signal(signal.SIGTERM)
        assert await service.exit_code() in (0, -signal.SIGTERM)  # by signal only before Python runs our first line


async def test_sigint_cuts_a_drain_short_and_cleans_up(tmp_path: Path) -> None:
    """A request in flight does not hold up who is in a hurry, and the lifespan still ends."""
    async with running(
        tmp_path,
        "serve",
        APP_LAME_DUCK_SECONDS="0",
        APP_LINGER_SECONDS="0",
        APP_DRAIN_SECONDS="600",
        APP_REQUEST_TIMEOUT_SECONDS="599",
    ) as service:
        await service.until_ready()
        _, writer = await begin_upload(service)
        service.process.send_signal(signal.SIGTERM)
        await service.until_refused()
        service.process.send_signal(signal.SIGINT)
        assert await service.exit_code() == 0
        assert service.printed("Application shutdown complete.")
        writer.close()


async def test_killed_worker_is_replaced(tmp_path: Path) -> None:
    """SIGKILL of a worker costs a moment, not the service."""
    async with running(tmp_path, "serve") as service:
        await service.until_ready()
        os.kill(worker_of(service), signal.SIGKILL)
        await service.until_printed("Booting worker", count=2)
        await service.until_ready()


async def test_hung_worker_is_replaced_and_says_where_it_hung(tmp_path: Path) -> None:
    """A worker whose event loop does not turn is aborted, with its stack on stderr, and replaced."""
    (tmp_path / "hanging.py").write_text(HANGING)
    paths = f"{tmp_path}:{Path(__file__).parents[2]}"
    async with running(tmp_path, module="hanging", PYTHONPATH=paths, APP_WORKER_TIMEOUT_SECONDS="2") as service:
        await service.until_ready()
        _, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(b"GET /health/hang HTTP/1.1\r\nHost: test\r\n\r\n")
        await service.until_printed("WORKER TIMEOUT")
        await service.until_printed("hanging.py")
        await service.until_printed("Booting worker", count=2)
        await service.until_ready()
        writer.close()


async def test_successor_answers_while_a_recycled_worker_still_drains(tmp_path: Path) -> None:
    """With a single worker, too, there is always one that accepts: an upload in flight holds up nobody else."""
    await migrated(tmp_path)
    async with (
        running(tmp_path, "serve", WEB_CONCURRENCY="1", APP_MAX_REQUESTS="20", APP_LAME_DUCK_SECONDS="3") as service,
        httpx.AsyncClient() as client,
    ):
        await service.until_ready()
        reader, writer = await begin_upload(service)
        old = worker_of(service)
        for _ in range(25):
            assert (await client.get(f"{service.url}/health/live")).status_code == 200
        await service.until_printed("Booting worker", count=2)
        assert worker_of(service) != old
        await service.until_printed("Application startup complete.", count=2)
        assert (await client.get(f"{service.url}/health/live")).status_code == 200
        writer.write(UPLOAD[500:])
        assert (await reader.readline()).startswith(b"HTTP/1.1 201")
        writer.close()
        await service.until_printed(f"Worker exiting (pid: {old})")
        await service.until_ready()
        assert service.printed("Booting worker") == 2, "the successor is the only one"


async def test_recycling_workers_drops_no_request(tmp_path: Path) -> None:
    """With max_requests, workers come and go under keep-alive and new connections, and every request is answered."""
    async with running(
        tmp_path,
        "serve",
        WEB_CONCURRENCY="2",
        APP_MAX_REQUESTS="100",
        APP_MAX_REQUESTS_JITTER="50",
        APP_LAME_DUCK_SECONDS="0.5",
        APP_LOG_LEVEL="info",
    ) as service:
        await service.until_ready()
        statuses: list[int] = []

        async def visit(client: httpx.AsyncClient) -> None:
            while service.printed("Booting worker") < 6:
                statuses.append((await client.get(f"{service.url}/health/live")).status_code)

        async def visit_anew() -> None:
            while service.printed("Booting worker") < 6:
                async with httpx.AsyncClient() as client:
                    statuses.append((await client.get(f"{service.url}/health/live")).status_code)

        async with (
            asyncio.timeout(120),
            httpx.AsyncClient() as one,
            httpx.AsyncClient() as two,
            asyncio.TaskGroup() as group,
        ):
            for visitor in (visit(one), visit(two), visit_anew()):
                group.create_task(visitor)
        assert set(statuses) == {200}
        assert len(statuses) > 400


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
        await until_stopped(service.process.pid, *workers_of(service))
        await asyncio.sleep(7)  # not a wait for anything: the pause is the point
        service.process.send_signal(signal.SIGCONT)
        await until_looked_at_workers(service)
        os.killpg(service.process.pid, signal.SIGCONT)
        await service.until_ready()
        await until_looked_at_workers(service)
        assert not service.printed("WORKER TIMEOUT")
        assert len(workers_of(service)) == 2


async def test_worker_that_hangs_after_a_pause_is_replaced(tmp_path: Path) -> None:
    """A pause is no licence: who does not come back from it is killed a timeout later."""
    async with running(tmp_path, "serve", WEB_CONCURRENCY="1", APP_WORKER_TIMEOUT_SECONDS="2") as service:
        await service.until_ready()
        worker = worker_of(service)
        os.killpg(service.process.pid, signal.SIGSTOP)
        await until_stopped(service.process.pid, worker)
        await asyncio.sleep(4)  # as above
        service.process.send_signal(signal.SIGCONT)
        await service.until_printed("WORKER TIMEOUT")
        await service.until_printed("Booting worker", count=2)
        await service.until_ready()


@pytest.mark.parametrize("module", ["app", "hanging"])
async def test_killed_arbiters_workers_end(tmp_path: Path, module: str) -> None:
    """Nobody holds the port for a service that is gone: workers clean up and end, even one whose event loop hangs."""
    (tmp_path / "hanging.py").write_text(HANGING)
    paths = f"{tmp_path}:{Path(__file__).parents[2]}"
    async with running(tmp_path, "serve", module=module, PYTHONPATH=paths, WEB_CONCURRENCY="1") as service:
        await service.until_ready()
        worker = worker_of(service)
        if module == "hanging":
            _, writer = await asyncio.open_connection("127.0.0.1", service.port)
            writer.write(b"GET /health/hang HTTP/1.1\r\nHost: test\r\n\r\n")
            await writer.drain()
            writer.close()
        service.process.kill()
        await eventually(lambda: not Path(f"/proc/{worker}").exists(), LIMIT_SECONDS, "the worker's end")
        await service.until_refused()
        if module == "app":
            await service.until_printed("Application shutdown complete.")


async def test_other_signals_change_nothing(tmp_path: Path) -> None:
    """Sent to the whole group they cost no worker, no readiness and no request, and start no second arbiter."""
    async with (
        running(tmp_path, "serve", WEB_CONCURRENCY="2", APP_LAME_DUCK_SECONDS="0", APP_LINGER_SECONDS="0") as service,
        httpx.AsyncClient(headers={"connection": "close"}) as client,
    ):
        await service.until_printed("Application startup complete.", count=2)
        workers = workers_of(service)
        for name in ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGTTIN", "SIGTTOU"):
            os.killpg(service.process.pid, signal.Signals[name])
            await service.until_printed(f"{name} is ignored")
        os.killpg(service.process.pid, signal.SIGWINCH)
        await until_looked_at_workers(service)
        for _ in range(20):
            assert (await client.get(f"{service.url}/health/ready")).is_success
        assert children_of(service) == workers_of(service) == workers
        service.process.terminate()
        assert await service.exit_code() == 0
