"""What a process and all its descendants have used, from proc(5)."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from bench.load import Load

PROC = Path("/proc")


@dataclass(frozen=True)
class Sample:
    """What one load came to: its rate, the CPU time of a request, and the share of a core that the server had."""

    rate: float
    cpu_us: float
    share: float

    @classmethod
    def of(cls, load: Load, cpu: float) -> "Sample":
        """Return a load's, for which the server used so many seconds of CPU time."""
        return cls(load.rate, cpu / load.requests * 1e6, cpu / load.seconds)


def tree(pid: int, proc: Path = PROC) -> list[int]:
    """Return a process and all its descendants, parents first."""
    children = [
        int(child) for path in (proc / str(pid) / "task").glob("*/children") for child in path.read_text().split()
    ]
    return [pid, *(each for child in children for each in tree(child, proc))]


def cpu_seconds(pid: int, proc: Path = PROC) -> float:
    """Return the CPU time, user and system, of a process tree; that of children that have ended included."""
    return sum(sum(_cpu_ticks(each, proc)) for each in tree(pid, proc)) / os.sysconf("SC_CLK_TCK")


def kernel_seconds(pid: int, proc: Path = PROC) -> float:
    """Return the part of a process tree's CPU time that the kernel has used for it."""
    return sum(sum(_cpu_ticks(each, proc)[1::2]) for each in tree(pid, proc)) / os.sysconf("SC_CLK_TCK")


def pss_mib(pid: int, proc: Path = PROC) -> float:
    """Return the memory of a process tree, every shared page counted once (proportional set size)."""
    return sum(_smaps_kib(each, "Pss", proc) for each in tree(pid, proc)) / 1024


def largest_rss_mib(pid: int, proc: Path = PROC) -> float:
    """Return the resident memory of the tree's largest process, shared pages included: what it would need alone."""
    return max(_smaps_kib(each, "Rss", proc) for each in tree(pid, proc)) / 1024


def largest_heap_mib(pid: int, proc: Path = PROC) -> float:
    """Return the anonymous memory of the tree's process that has most: what it has made, not what it has mapped."""
    return max(_smaps_kib(each, "Anonymous", proc) for each in tree(pid, proc)) / 1024


def _cpu_ticks(pid: int, proc: Path) -> list[int]:
    # After the command's name, which may hold spaces: fields 14 to 17 are utime, stime, cutime, cstime.
    fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return [int(ticks) for ticks in fields[11:15]]


def _smaps_kib(pid: int, name: str, proc: Path) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", (proc / str(pid) / "smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0
