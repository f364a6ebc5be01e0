"""A container's memory as its cgroup counts and limits it, v1 or v2."""

from typing import Self

from seatrial.host.cgroup import PROC, Group

UNLIMITED = 2**62
"""What v1 calls no limit is a little less than twice this."""


class MemoryGroup(Group):
    """A cgroup that counts memory."""

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """Return the one that a process is in, None where the host shows none."""
        return cls.counting(pid, "memory", "memory.stat")

    def working_set_bytes(self) -> int:
        """Return what the kubelet counts as memory in use: all but files that are not."""
        usage = self.path / ("memory.current" if (self.path / "memory.current").exists() else "memory.usage_in_bytes")
        statistics = dict(line.split() for line in (self.path / "memory.stat").read_text().splitlines())
        inactive = int(statistics.get("total_inactive_file", statistics.get("inactive_file", 0)))
        return max(int(usage.read_text()) - inactive, 0)

    def limit_bytes(self) -> int | None:
        """Return its own limit, None without one."""
        for name in ("memory.max", "memory.limit_in_bytes"):
            if (self.path / name).is_file():
                text = (self.path / name).read_text().strip()
                return int(text) if text.isdecimal() and int(text) < UNLIMITED else None
        return None

    def limiting(self) -> Self | None:
        """Return the one that has the limit: itself, or the nearest above, as where crun adds one for the processes."""
        return next((group for group in self.upwards() if group.limit_bytes() is not None), None)

    def room_bytes(self) -> int:
        """Return how much more memory the host and the limits above its own let it use."""
        lines = dict(line.split(":") for line in (PROC / "meminfo").read_text().splitlines())
        room = int(lines["MemAvailable"].split()[0]) * 1024
        for group in self.upwards():
            limit = group.limit_bytes()
            if group is not self and limit is not None:
                room = min(room, limit - group.working_set_bytes())
        return room
