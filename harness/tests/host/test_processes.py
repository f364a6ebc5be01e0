"""A container's processes, seen in the host's /proc: here of processes that are in no container."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from seatrial.errors import HarnessError
from seatrial.host.processes import Processes, send

FORKS = """
import os, signal, socket, sys
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
signal.signal(signal.SIGTERM, lambda *_: None)
worker = os.fork()
if worker:
    {parent}
    print(worker, flush=True)
signal.pause()
"""


@contextmanager
def forked(parent: str = "pass") -> Iterator[tuple[Processes, int, int]]:
    """Yield the processes of one that listens and forks, its worker's pid, and the port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    program = FORKS.format(parent=parent)
    with subprocess.Popen([sys.executable, "-c", program, str(port)], stdout=subprocess.PIPE, text=True) as main:
        assert main.stdout
        worker = int(main.stdout.readline())
        try:
            yield Processes(main.pid), worker, port
        finally:
            send(signal.SIGKILL, worker, main.pid)


def test_workers_are_the_processes_that_listen_beside_the_main_one() -> None:
    """Both have the socket; the main one is no worker of its own."""
    with forked() as (seen, worker, port):
        assert seen.pids() == [seen.main, worker]
        assert seen.workers(port) == [worker]
        assert seen.workers(port + 1) == []


def test_main_process_is_its_own_worker_if_no_other_listens() -> None:
    """As of a server of one process."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        assert Processes(os.getpid()).workers(listening.getsockname()[1]) == [os.getpid()]


def test_process_waits_for_the_core_that_others_have_too() -> None:
    """What it waits is the machine's fault; one that sleeps waits for nobody."""
    core = min(os.sched_getaffinity(0))
    spin = f"import os; os.sched_setaffinity(0, [{core}])\nwhile True: pass"
    with forked() as (idle, _, _), ExitStack() as stack:
        spinning = [stack.enter_context(subprocess.Popen([sys.executable, "-c", spin])) for _ in range(3)]
        try:
            starved = Processes(spinning[0].pid)
            while starved.waited_seconds() < 0.2:
                time.sleep(0.01)
            assert idle.waited_seconds() < 0.2
        finally:
            for each in spinning:
                each.kill()
    assert idle.waited_seconds() == 0.0


def test_worker_is_gone_when_it_was_killed() -> None:
    """SIGKILL reaches it, and a second one finds nobody."""
    with forked("signal.signal(signal.SIGCHLD, signal.SIG_IGN)") as (seen, worker, port):
        send(signal.SIGKILL, worker)
        while worker in seen.pids():
            pass
        send(signal.SIGKILL, worker)
        assert seen.workers(port) == [seen.main]


@pytest.mark.parametrize("main", [0, -1, 2**22 + 1])
def test_container_that_has_exited_has_no_processes(main: int) -> None:
    """Podman calls its pid 0: all of the host's would be its children."""
    with pytest.raises(HarnessError, match="the container has exited"):
        Processes(main)


def test_process_of_no_such_container_is_refused() -> None:
    """Podman may be another machine's, and its pid here that of anybody; nobody's process is touched."""
    with pytest.raises(HarnessError, match="is here none of the container 0123456789ab"):
        Processes.of("0123456789abcdef", os.getpid())


def test_processes_of_a_main_one_that_has_ended_are_none() -> None:
    """Whoever may have its pid by now."""
    with forked() as (seen, worker, _):
        send(signal.SIGKILL, seen.main)
        while seen.pids():
            pass
        assert worker not in seen.pids()


def test_processes_are_named() -> None:
    """Each of them."""
    with forked() as (seen, worker, _):
        assert seen.names().keys() == {seen.main, worker}
        assert all(name.startswith("python") for name in seen.names().values())


def test_largest_is_killed_before_others_when_memory_is_short() -> None:
    """And no other process comes before others."""
    with forked("held = bytes(1) * 20_000_000") as (seen, worker, _):
        before = Path(f"/proc/{worker}/oom_score_adj").read_text()
        seen.have_largest_killed()
        told = [Path(f"/proc/{pid}/oom_score_adj").read_text() for pid in (seen.main, worker, os.getpid())]
        assert told == ["1000\n", before, before]
        assert before != "1000\n"


@pytest.mark.parametrize(("sent", "caught"), [(signal.SIGTERM, True), (signal.SIGUSR1, False)])
def test_handler_of_a_signal_is_seen(sent: signal.Signals, *, caught: bool) -> None:
    """The program has one for SIGTERM alone."""
    with forked() as (seen, _, _):
        assert seen.catches(sent) is caught


def test_privileges_are_those_of_the_process() -> None:
    """Ids as the process sees them itself."""
    (found,) = [each for each in Processes(os.getpid()).privileges() if each.pid == os.getpid()]
    assert os.getuid() in found.uids
    assert os.getgid() in found.gids
    assert found.seccomp in (0, 2)
