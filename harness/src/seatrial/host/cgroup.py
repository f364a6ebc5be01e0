"""Cgroups of either version, as the host shows them: where a process is counted, and what is above that."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROC, MOUNT = Path("/proc"), Path("/sys/fs/cgroup")
GONE = (FileNotFoundError, ProcessLookupError)
"""How /proc says that a process ends while it is looked at."""


@dataclass(frozen=True)
class Group:
    """A cgroup, by its directory below where cgroups are mounted."""

    path: Path
    mount: Path

    @classmethod
    def counting(cls, pid: int, controller: str, file: str) -> Self | None:
        """Return the one in which a controller counts a process by a file; None where the host shows none."""
        for line in (PROC / str(pid) / "cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and controller not in controllers.split(","):
                continue
            for mount in (MOUNT / controller, MOUNT / controllers):
                if (mount / path.lstrip("/") / file).is_file():
                    return cls(mount / path.lstrip("/"), mount)
        return None

    def upwards(self) -> Iterator[Self]:
        """Return itself, and those above."""
        yield self
        for above in self.path.parents:
            if not above.is_relative_to(self.mount):
                return
            yield type(self)(above, self.mount)
