"""One bootstrap at a time in a checkout: the second waits until the first is done, and finds its work."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.process import say

PATH = Path(".tools/lock")


@contextmanager
def alone(checkout: Path) -> Iterator[None]:
    """Hold the checkout's lock, which the kernel releases however its holder ends."""
    path = checkout / PATH
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another bootstrap in this checkout to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
