"""Whether the bootstrap can work in this checkout: where it is, and who may write to what is kept there."""

import errno
import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from bootstrap.errors import BootstrapError

KEPT = (".tools", ".cache", ".venv")
"""The directories that tools and environments are kept in; `make clean` removes them."""


def inspect(checkout: Path) -> None:
    """Raise BootstrapError when nothing could come of it here."""
    if os.pathsep in str(checkout):
        raise BootstrapError(
            f"{checkout}: the checkout's path has a colon, which divides paths in PATH and in podman's volumes: "
            "move the checkout to a path without one"
        )
    if os.statvfs(checkout).f_flag & os.ST_RDONLY:
        raise BootstrapError(
            f"{checkout} is on a read-only file system, but tools and environments are kept in the checkout: "
            "copy it to where you may write"
        )
    kept = [checkout / name for name in KEPT]
    if not all(path.exists() for path in kept) and not _writable(checkout):
        raise BootstrapError(f"{checkout} is not yours to write to: work in a clone of your own")
    strange = [path for path in kept if path.exists() and not (_writable(path) and all(map(_writable, _within(path))))]
    if strange:
        raise BootstrapError(_belongs_to_root(strange))


def explain(error: OSError, checkout: Path) -> str:
    """Return one line for what the system refused: the file, why, and what to do."""
    path = Path(str(error.filename or ""))
    words = f"{path}: {error.strerror}" if error.filename else str(error)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"{words}; free some space, then try again"
    kept = [checkout / name for name in KEPT if path.is_relative_to(checkout / name)]
    if error.errno in {errno.EACCES, errno.EPERM} and kept:
        return _belongs_to_root(kept)
    return f"{words}; mend that, then try again"


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK | os.X_OK)


def _within(path: Path) -> list[Path]:
    return [inner for inner in path.iterdir() if inner.is_dir() and not inner.is_symlink()]


def _belongs_to_root(paths: Iterable[Path]) -> str:
    names = shlex.join(str(path) for path in paths)
    return f"you may not write to {names}, as if root had made it: `sudo chown -R {os.getuid()}:{os.getgid()} {names}`"
