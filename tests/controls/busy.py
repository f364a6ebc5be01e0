"""A machine that is busy: processes that do nothing but compute."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

PROCESSES = 2
# It asks who its parent is, so that it ends with a run that was killed, too.
COMPUTE = "import os, sys\nwhile os.getppid() == int(sys.argv[1]): sum(range(1_000_000))"


@contextmanager
def busy(processes: int = PROCESSES) -> Iterator[list[int]]:
    """Load so many cores for as long as the context lasts; yields the pids."""
    command = (sys.executable, "-c", COMPUTE, str(os.getpid()))
    # Ctrl-C is for this process alone.
    started = [subprocess.Popen(command, start_new_session=True) for _ in range(processes)]
    try:
        yield [each.pid for each in started]
    finally:
        for each in started:
            each.kill()
        for each in started:
            each.wait()
