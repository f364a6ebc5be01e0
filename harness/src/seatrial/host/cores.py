"""What a container's tasks get of the cores: its cgroup lists them, and the kernel's scheduler counts."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from seatrial.host.cgroup import GONE, PROC, Group

NANOSECONDS, MICROSECONDS = 1e9, 1e6


@dataclass(frozen=True)
class Task:
    """A process or a thread: the seconds that it has run, and those that it was ready to run and had no core."""

    ran_seconds: float
    waited_seconds: float

    @classmethod
    def of(cls, task: int) -> Self:
        """Return what one has had by now; raises one of GONE when it has ended."""
        ran, waited = (PROC / str(task) / "schedstat").read_text().split()[:2]
        return cls(int(ran) / NANOSECONDS, int(waited) / NANOSECONDS)


@dataclass(frozen=True)
class Reading:
    """What a cgroup's tasks have had by a moment, by their ids, and for how long limits kept them off the cores."""

    tasks: Mapping[int, Task]
    throttled_seconds: float

    def since(self, before: "Reading") -> Task:
        """Return what all have had since another reading; what a limit had them wait is not counted as waited."""
        nothing = Task(0.0, 0.0)
        had = [(now, before.tasks.get(each, nothing)) for each, now in self.tasks.items()]
        ran = sum(now.ran_seconds - then.ran_seconds for now, then in had)
        waited = [now.waited_seconds - then.waited_seconds for now, then in had]
        # Each that waits then waits for the limit.
        limited = (self.throttled_seconds - before.throttled_seconds) * sum(each > 0 for each in waited)
        return Task(ran, max(sum(waited) - limited, 0.0))


class CoreGroup(Group):
    """A cgroup that shares out cores."""

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """Return the one that a process is in, None where the host shows none."""
        return cls.counting(pid, "cpu", "cpu.stat")

    def read(self) -> Reading:
        """Return what its tasks have had by now."""
        listed = "tasks" if (self.path / "tasks").is_file() else "cgroup.threads"
        tasks = {}
        for each in map(int, (self.path / listed).read_text().split()):
            with suppress(*GONE):
                tasks[each] = Task.of(each)
        return Reading(tasks, sum(_throttled_seconds((each.path / "cpu.stat").read_text()) for each in self.upwards()))


def _throttled_seconds(text: str) -> float:
    told = dict(line.split() for line in text.splitlines())
    return int(told.get("throttled_time", 0)) / NANOSECONDS + int(told.get("throttled_usec", 0)) / MICROSECONDS
