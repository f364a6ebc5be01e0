"""The metrics of all workers in one place: files in shared memory, and the arbiter's count of workers that ended.

Where /dev/shm is read-only or full they are in the directory for temporary files; where that is, too, each worker
answers with what it has counted itself.

A file belongs to a slot, not to a process: a worker's successor goes on in its files. So counters never fall, and
recycling worker after worker fills no memory.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import prometheus_client.values
import structlog
from gunicorn.arbiter import Arbiter
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.multiprocess import mark_process_dead
from prometheus_client.values import MultiProcessValue

from app import logs
from app.cpus import worker_count
from app.metrics import NAMESPACE, SHARED_DIRECTORY, DroppedLines
from app.serving import metric_files
from app.serving.worker import Worker
from app.settings import Settings

ARBITER = "arbiter"
FILES = 5  # of each slot: counters, histograms, and three kinds of gauges
REASONS = ("finished", "timeout", "crashed")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - writable in a read-only container, and no disk delays a write

_log = structlog.get_logger()


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
        self._name = f"{NAMESPACE}-metrics-{settings.port}-{os.getpid()}"
        self._files = FILES * (1 + (settings.workers or worker_count()))
        self._directory: Path | None = None
        self._slot = ARBITER

    def open(self) -> None:
        """Make the directory, empty and private, and have every metric made from now on write to it."""
        self._directory = next((place / self._name for place in _places() if self._make(place / self._name)), None)
        if self._directory:
            atexit.register(self._remove)  # gunicorn's own hook is not called when the port is taken
            os.environ[SHARED_DIRECTORY] = str(self._directory)
            metric_files.install()
            self._write_by_slot()
        else:
            _log.warning("each worker answers with its own metrics alone")
        exits = worker_exits(CollectorRegistry())
        self._exits = {reason: exits.labels(reason) for reason in REASONS}  # all are there from the start, at 0
        self._dropped_lines = DroppedLines(CollectorRegistry(), logs.dropped)

    def _make(self, directory: Path) -> bool:
        """Make the directory, empty and private; return whether there is room in it for what all workers begin with."""
        try:
            if directory.exists():
                shutil.rmtree(directory)
            directory.mkdir(mode=0o700)
        except OSError as error:
            _log.warning("no room for metrics of all workers", reason=f"{directory}: {error.strerror}")
            return False
        trial = directory / "trial"
        has_room = metric_files.allocate(trial, self._files * metric_files.INITIAL_BYTES)
        trial.unlink(missing_ok=True)
        if not has_room:
            directory.rmdir()
        return has_room

    def _write_by_slot(self) -> None:
        prometheus_client.values.ValueClass = MultiProcessValue(lambda: self._slot)  # type: ignore[no-untyped-call]

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
        if self._directory:
            mark_process_dead(worker.slot, str(self._directory))  # type: ignore[no-untyped-call]
        reason = "timeout" if worker.aborted else "finished" if worker.finished[0] else "crashed"
        self._exits[reason].inc()

    def _remove(self) -> None:
        if self._slot == ARBITER:  # a worker inherits what its arbiter is to do at exit
            shutil.rmtree(str(self._directory), ignore_errors=True)


def _places() -> Iterator[Path]:
    yield SHARED_MEMORY
    try:
        temporary = tempfile.gettempdir()
    except OSError:  # there is none, as with a read-only root
        return
    yield Path(temporary)
