"""The metrics of all workers in one place: files in shared memory, and the arbiter's count of workers that ended.

A file belongs to a slot, not to a process: a worker's successor goes on in its files. So counters never fall, and
recycling worker after worker fills no memory.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import prometheus_client.values
from gunicorn.arbiter import Arbiter
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.multiprocess import mark_process_dead
from prometheus_client.values import MultiProcessValue

from app import logs
from app.metrics import NAMESPACE, SHARED_DIRECTORY, DroppedLines
from app.serving.worker import Worker
from app.settings import Settings

ARBITER = "arbiter"
REASONS = ("finished", "timeout", "crashed")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - writable in a read-only container, and no disk delays a write


def worker_exits(registry: CollectorRegistry) -> Counter:
    """Return the arbiter's one metric."""
    return Counter(
        "worker_exits",
        "Workers that ended: finished (recycled or stopped), timeout (hung) or crashed.",
        ["reason"],
        namespace=NAMESPACE,
        registry=registry,
    )


class SharedMetrics:
    """The directory and its slots; the methods are gunicorn's hooks."""

    def __init__(self, settings: Settings) -> None:
        # Alike after a crash in the same container, so that nothing is left of it; different beside another service.
        name = f"{NAMESPACE}-metrics-{settings.port}-{os.getpid()}"
        self.directory = (SHARED_MEMORY if SHARED_MEMORY.is_dir() else Path(tempfile.gettempdir())) / name
        self._slot = ARBITER

    def open(self) -> None:
        """Make the directory, empty and private, and have every metric made from now on write to it."""
        if self.directory.exists():
            shutil.rmtree(self.directory)
        self.directory.mkdir(mode=0o700)
        atexit.register(self._remove)  # gunicorn's own hook is not called when the port is taken
        os.environ[SHARED_DIRECTORY] = str(self.directory)
        prometheus_client.values.ValueClass = MultiProcessValue(lambda: self._slot)  # type: ignore[no-untyped-call]
        exits = worker_exits(CollectorRegistry())
        self._exits = {reason: exits.labels(reason) for reason in REASONS}  # all are there from the start, at 0
        self._dropped_lines = DroppedLines(CollectorRegistry(), logs.dropped)

    def sample(self) -> None:
        """Count what the arbiter itself has to tell."""
        self._dropped_lines.sample()

    def pre_fork(self, arbiter: Arbiter, worker: Worker) -> None:
        """Give a worker that is about to start the first slot that no other has."""
        taken = {sibling.slot for sibling in arbiter.WORKERS.values() if isinstance(sibling, Worker)}
        worker.slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)

    def post_fork(self, _arbiter: Arbiter, worker: Worker) -> None:
        """Write to the worker's slot from now on."""
        self._slot = str(worker.slot)

    def child_exit(self, _arbiter: Arbiter, worker: Worker) -> None:
        """Forget what a worker said of itself as alive, and count how it ended."""
        mark_process_dead(worker.slot, str(self.directory))  # type: ignore[no-untyped-call]
        reason = "timeout" if worker.aborted else "finished" if worker.finished[0] else "crashed"
        self._exits[reason].inc()

    def _remove(self) -> None:
        if self._slot == ARBITER:  # a worker inherits what its arbiter is to do at exit
            shutil.rmtree(self.directory, ignore_errors=True)
