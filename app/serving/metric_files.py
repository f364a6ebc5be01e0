"""The files that metrics are in, with their memory allocated before they are mapped.

prometheus_client maps a sparse file: on a file system that is full, the first value that needs another page is a
SIGBUS, which kills the worker, and its successor, too. Here it costs the metrics that have no room, and a log line.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import prometheus_client.values
import structlog
from prometheus_client.mmap_dict import _INITIAL_MMAP_SIZE, MmapedDict

INITIAL_BYTES: int = _INITIAL_MMAP_SIZE
ENTRY_BYTES = 32  # what an entry takes besides its key, at most
VALUE_BYTES = 16

_log = structlog.get_logger()


class AllocatedDict(MmapedDict):
    """A file of metrics; those that it has no room for are in nobody's sum, and known only to who counts them."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:  # noqa: FBT001, FBT002 - the parent's signature
        self._lost: set[str] = set()
        self._has_room = read_mode or allocate(Path(filename))
        if self._has_room:
            super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]
        else:
            self._m: Any = bytearray(VALUE_BYTES)
            self._f: Any = None
            self._used, self._positions, self._capacity = 0, {}, VALUE_BYTES

    def read_value(self, key: str) -> Any:
        """Return a value and its time, 0 for what is not here."""
        value = super().read_value(key)  # type: ignore[no-untyped-call]
        return (0.0, 0.0) if key in self._lost else value

    def _init_value(self, key: str) -> None:
        end = self._used + len(key.encode()) + ENTRY_BYTES + VALUE_BYTES
        if self._has_room and end > self._capacity:
            self._has_room = allocate(Path(self._fname), 2 * self._capacity)
        if self._has_room:
            super()._init_value(key)  # type: ignore[no-untyped-call]
        else:
            # The last bytes, which no entry has: written to, read by nobody.
            self._lost.add(key)
            self._positions[key] = self._capacity - VALUE_BYTES


def install() -> None:
    """Have every metric made from now on written to such files."""
    prometheus_client.values.MmapedDict = AllocatedDict  # type: ignore[attr-defined]  # where it is looked up


def allocate(path: Path, size: int = INITIAL_BYTES) -> bool:
    """Return whether there is room for a file of so many bytes, or as many as it has; if so, it is made."""
    try:
        with path.open("ab") as file:
            had = file.tell()
            try:
                os.posix_fallocate(file.fileno(), 0, max(had, size))
            except OSError:
                if not had:
                    path.unlink()  # an empty one could not be read
                raise
    except OSError as error:
        _tell(f"{path.parent}: {error.strerror}")
        return False
    return True


@cache
def _tell(reason: str) -> None:
    """Say once for each reason that metrics have no room."""
    _log.warning("no room for metrics of all workers", reason=reason)
