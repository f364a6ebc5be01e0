"""A program of its own, `python pressure.py JOINED COUNTING BYTES`: memory for a cgroup until the kernel kills there.

It joins the cgroup at JOINED, and prints `killed` as soon as the one at COUNTING counts a kill for want of memory;
`full` when it has BYTES and nothing was killed; `refused` when the host does not let it join. Whatever it has taken is
free when it ends, which it does in SECONDS at most.

The kernel may kill two: where the first is kept from a core in its exit, its memory is still counted. This program is
the second then, lest it be another of the service's processes.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

SECONDS = 20
STEP = bytes(64 * 1024)
"""Small: the smallest process that can be killed has more than this, so that its end is enough."""

SECOND = "500"
"""Its oom_score_adj, as if it had half of the limit, too: what has 1000 comes before it, and what has 0 after it."""


def kills(group: Path) -> int:
    """Return how many processes the kernel has killed for want of memory."""
    for name in ("memory.events", "memory.oom_control"):
        if (group / name).is_file():
            return int(dict(line.split() for line in (group / name).read_text().splitlines())["oom_kill"])
    return 0


def fill(joined: Path, counting: Path, most_bytes: int) -> str:
    """Do it, and return what came of it."""
    before = kills(counting)
    try:
        (joined / "cgroup.procs").write_text(str(os.getpid()))
    except PermissionError:
        return "refused"
    for name in ("memory.swap.max", "memory.swappiness"):
        with suppress(OSError):  # the one is of v2, the other of v1; on Kubernetes, too, pods are not swapped
            (counting / name).write_text("0")
    # Pages of a file are not the process's own: it stays small, and so the kernel chooses another.
    held = os.memfd_create("pressure")
    with suppress(OSError):  # there is nothing left to kill
        for _ in range(0, most_bytes, len(STEP)):
            os.write(held, STEP)
            if kills(counting) > before:
                break
    return "killed" if kills(counting) > before else "full"


if __name__ == "__main__":
    signal.alarm(SECONDS)
    with suppress(PermissionError):  # whoever runs this has had it set higher
        Path("/proc/self/oom_score_adj").write_text(SECOND)
    sys.stdout.write(fill(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
