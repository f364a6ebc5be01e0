"""A container's processes as the host's /proc shows them: that works for any image, with or without a shell in it."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Self

from seatrial.errors import HarnessError, NotPermittedError
from seatrial.host.cgroup import GONE, PROC
from seatrial.host.cores import Task
from seatrial.host.memory import MemoryGroup

STATE, STARTED = 0, 19
"""Where a process's state and start are in /proc/PID/stat, counted from behind its name."""
ENDED = "ZX"
"""The states of a process that has ended, but was not waited for."""
LISTEN = "0A"
"""The state of a listening socket in /proc/net/tcp."""
CAPABILITY_SETS = ("CapInh", "CapPrm", "CapEff", "CapAmb")


@dataclass(frozen=True)
class Privileges:
    """What a process may do; ids as it sees them itself, capabilities as bits."""

    pid: int
    uids: frozenset[int]
    gids: frozenset[int]
    capabilities: int
    bounding: int
    no_new_privileges: bool
    seccomp: int
    read_only_root: bool


class Processes:
    """The process that podman started, `main`, and those that descend from it; HarnessError when there is none.

    podman says 0 of a container that has exited, from which every process of the host descends.
    """

    def __init__(self, main: int) -> None:
        self.main = main
        self._started = _started(main)
        if main <= 0 or self._started is None:
            raise HarnessError("the container has exited: it has no processes to look at")

    @classmethod
    def of(cls, container: str, pid: int) -> Self:
        """Return those of a container by its id and its pid; HarnessError where they are another machine's.

        podman may be a remote one, whose pids are here those of anybody.
        """
        seen = cls(pid)
        try:
            told = "".join((PROC / str(pid) / name).read_text() for name in ("cgroup", "mountinfo"))
        except OSError as error:
            raise HarnessError(f"the container's process {pid} cannot be looked at: {error.strerror}") from error
        if container not in told:
            raise HarnessError(f"process {pid}, which podman names, is here none of the container {container[:12]}")
        return seen

    @property
    def alive(self) -> bool:
        """Whether the main one is there, and is not another that has its pid by now."""
        return _started(self.main) == self._started

    def pids(self) -> list[int]:
        """Return all that there are now, the main one first; none when that has ended, whoever has its pid by now."""
        if not self.alive:
            return []
        children: dict[int, list[int]] = {}
        for path in PROC.glob("[0-9]*/stat"):
            with suppress(OSError, IndexError):
                parent = int(path.read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(path.parent.name))
        found = [self.main]
        for pid in found:
            found += children.get(pid, [])
        return [pid for pid in found if _started(pid) is not None]

    def workers(self, port: int) -> list[int]:
        """Return the processes that listen on a port, the main one apart, if others do.

        Raises HarnessError where the host does not let this user look.
        """
        inodes = set(_listening(self.main, port))
        found = [pid for pid in self.pids() if inodes & set(_sockets(pid))]
        return [pid for pid in found if pid != self.main] or found

    def catches(self, sent: signal.Signals) -> bool:
        """Tell whether the main process has a handler for a signal; without one, a first process never gets it."""
        with suppress(*GONE):
            return bool(int(_status(self.main)["SigCgt"], 16) >> (sent - 1) & 1)
        return False

    def waited_seconds(self) -> float:
        """Return how long the main one has been ready to run, and had no core; 0 where the kernel does not count it."""
        with suppress(*GONE):
            return Task.of(self.main).waited_seconds
        return 0.0

    def privileges(self) -> list[Privileges]:
        """Return what each may do."""
        found = []
        for pid in self.pids():
            with suppress(OSError):  # it has just ended
                found.append(_privileges(pid))
        return found

    def mounts(self) -> set[str]:
        """Return where something is mounted in the container."""
        lines = (PROC / str(self.main) / "mountinfo").read_text().splitlines()
        return {line.split()[4] for line in lines}

    def root(self, path: str) -> Path:
        """Return a path of the container as one of the host."""
        return PROC / str(self.main) / "root" / path.lstrip("/")

    def names(self) -> dict[int, str]:
        """Return what each is called."""
        found = {}
        for pid in self.pids():
            with suppress(*GONE):
                found[pid] = (PROC / str(pid) / "comm").read_text().strip()
        return found

    def memory(self) -> MemoryGroup | None:
        """Return the cgroup that counts their memory; None where nothing tells."""
        return MemoryGroup.of(self.main)

    def have_largest_killed(self) -> None:
        """Have the kernel, when memory is short, kill the largest of them before any other process.

        Raises NotPermittedError where the host does not let this user choose.
        """
        resident = {}
        for pid in self.pids():
            with suppress(*GONE, KeyError):  # it has just ended
                resident[pid] = int(_status(pid)["VmRSS"].split()[0])
        largest = max(resident, key=resident.__getitem__, default=self.main)
        try:
            with suppress(*GONE):
                (PROC / str(largest) / "oom_score_adj").write_text("1000")
        except PermissionError as error:
            raise NotPermittedError("the host does not let this user choose what is killed") from error


def _started(pid: int) -> str | None:
    """Return when a process was started, in the kernel's own count; None of one that has ended."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except GONE:
        return None
    return None if fields[STATE] in ENDED else fields[STARTED]


def send(sent: signal.Signals, *pids: int) -> None:
    """Send a signal to processes of a container; one that has ended takes none."""
    for pid in pids:
        try:
            os.kill(pid, sent)
        except ProcessLookupError:
            continue
        except PermissionError as error:
            raise HarnessError(f"the host does not let this user send {sent.name} into a container") from error


def _listening(pid: int, port: int) -> Iterator[str]:
    for name in ("tcp", "tcp6"):
        with suppress(*GONE):
            for line in (PROC / str(pid) / "net" / name).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == LISTEN and int(columns[1].rpartition(":")[2], 16) == port:
                    yield columns[9]


def _sockets(pid: int) -> Iterator[str]:
    try:
        for descriptor in (PROC / str(pid) / "fd").iterdir():
            with suppress(*GONE):
                yield str(descriptor.readlink()).removeprefix("socket:[").removesuffix("]")
    except GONE:
        return
    except PermissionError as error:
        raise HarnessError("the host does not let this user look into a container's processes") from error


def _privileges(pid: int) -> Privileges:
    status = _status(pid)
    options = next(
        line.split()[5].split(",")
        for line in (PROC / str(pid) / "mountinfo").read_text().splitlines()
        if line.split()[4] == "/"
    )
    return Privileges(
        pid=pid,
        uids=frozenset(_inside(pid, "uid_map", status["Uid"])),
        gids=frozenset(_inside(pid, "gid_map", status["Gid"])),
        capabilities=reduce(or_, (int(status[name], 16) for name in CAPABILITY_SETS)),
        bounding=int(status["CapBnd"], 16),
        no_new_privileges=status["NoNewPrivs"] == "1",
        seccomp=int(status["Seccomp"]),
        read_only_root="ro" in options,
    )


def _status(pid: int) -> dict[str, str]:
    lines = (PROC / str(pid) / "status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _inside(pid: int, name: str, ids: str) -> Iterator[int]:
    """Return ids of the host as the container's user namespace numbers them."""
    ranges = [tuple(map(int, line.split())) for line in (PROC / str(pid) / name).read_text().splitlines()]
    for each in map(int, ids.split()):
        yield next((inner + each - outer for inner, outer, size in ranges if outer <= each < outer + size), each)
