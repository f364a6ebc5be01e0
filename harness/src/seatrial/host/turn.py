"""One at a time: whoever comes second waits until the first is done."""

import fcntl
import math
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from seatrial.errors import NotPermittedError
from seatrial.waiting import eventually


@asynccontextmanager
async def turn(path: Path, *, waiting: Callable[[], object]) -> AsyncIterator[None]:
    """Hold a file or directory that is there for as long as the context lasts; `waiting` is called if another has it.

    Nothing is written, so that a full disk or a read-only one is none in the way; the kernel ends a hold with its
    holder. The wait can be interrupted. Raises NotPermittedError where the path cannot be held.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise NotPermittedError(f"{path} cannot be opened: {error.strerror}") from error
    try:
        if not _held(descriptor, path):
            waiting()
            await eventually(lambda: _held(descriptor, path), math.inf, f"{path} is held")
        yield
    finally:
        os.close(descriptor)


def _held(descriptor: int, path: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise NotPermittedError(f"{path} cannot be locked: {error.strerror}") from error
    return True
