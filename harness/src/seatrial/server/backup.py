"""A file of a backup: written whole or not at all, read without being changed."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seatrial.server.errors import ServerError


@contextmanager
def written(path: Path) -> Iterator[int]:
    """Yield the descriptor of a file that its owner alone can read; it gets its name when it is whole, and new."""
    if path.exists():
        raise ServerError(f"{path} is there already; give another name")
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ServerError(f"{path} cannot be written: {error.strerror}") from error
    try:
        yield descriptor
        os.fsync(descriptor)
        os.link(scratch, path)  # unlike a rename it replaces nothing
    except FileExistsError as error:
        raise ServerError(f"{path} is there already; give another name") from error
    except OSError as error:
        raise ServerError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        os.close(descriptor)
        scratch.unlink(missing_ok=True)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Yield the descriptor of a file that is there."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise ServerError(f"{path} cannot be read: {error.strerror}") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def from_the_start(source: int) -> int:
    """Return the descriptor of a file that is read once more."""
    os.lseek(source, 0, os.SEEK_SET)
    return source
