"""Backup and restore of the data, while the service serves: SQLite's online backup, and pg_dump."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from seatrial.command import Command, Completed
from seatrial.podman.client import Podman, environment
from seatrial.server.errors import ServerError

LIMIT_SECONDS = 3600.0
PLACE = "/tmp/seatrial-backup"  # noqa: S108 - in the container, whose own volume it is

# From one file to another by SQLite's online backup, which waits for writers; both are looked at as a whole.
SQLITE = """
import sqlite3, sys
def checked(path):
    try:
        database = sqlite3.connect(path, timeout=30)
        (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
        database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        found = error
    if found != "ok":
        sys.exit(f"this is no whole database of the service: {found}")
    return database
source, target = sys.argv[1:]
checked(source).backup(sqlite3.connect(target, timeout=30))
checked(target)
"""
DATABASE = "/var/lib/seatrial/seatrial.db"


@dataclass(frozen=True)
class Store:
    """The container in which the data can be asked for as a whole, and the commands that do."""

    container: str
    backup: tuple[str, ...]
    restore: tuple[str, ...]


def sqlite(container: str) -> Store:
    """Return the store of a service on SQLite, by the container that serves."""
    return Store(
        container,
        ("python", "-c", SQLITE, DATABASE, PLACE),
        ("python", "-c", SQLITE, PLACE, DATABASE),
    )


def postgres(container: str) -> Store:
    """Return the store in PostgreSQL; it is restored in one transaction, or not at all."""
    names = ("--username=seatrial", "--dbname=seatrial")
    restore = ("pg_restore", *names, "--clean", "--if-exists", "--single-transaction", "--no-owner", PLACE)
    return Store(container, ("pg_dump", *names, "--format=custom", f"--file={PLACE}"), restore)


async def back_up(store: Store, path: Path, podman: Podman) -> None:
    """Write the data, as it is at one moment, to a new file that its owner alone can read."""
    with _new_file(path):
        try:
            (await _exec(store.container, store.backup, podman)).check(ServerError)
            copy = ("podman", "cp", f"{store.container}:{PLACE}", str(path))
            (await Command(copy, LIMIT_SECONDS, env=environment()).run()).check(ServerError)
        finally:
            await _exec(store.container, ("rm", "--force", PLACE), podman)


async def restore(store: Store, path: Path, podman: Podman) -> None:
    """Put the data of a backup in place of what there is; requests of the moment may be answered with 503."""
    content = _read(path)
    try:
        write = ("podman", "exec", "--interactive", store.container, "sh", "-c", f"cat > {PLACE}")
        (await Command(write, LIMIT_SECONDS, stdin=content, env=environment()).run()).check(ServerError)
        (await _exec(store.container, store.restore, podman)).check(ServerError)
    finally:
        await _exec(store.container, ("rm", "--force", PLACE), podman)


@contextmanager
def _new_file(path: Path) -> Iterator[None]:
    """Make a file that is not there yet, and leave none that is not whole."""
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError as error:
        raise ServerError(f"{path} is there already; give another name") from error
    except OSError as error:
        raise ServerError(f"{path} cannot be written: {error.strerror}") from error
    try:
        yield
        path.chmod(0o600)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ServerError(f"{path} cannot be read: {error.strerror}") from error


async def _exec(container: str, command: tuple[str, ...], podman: Podman) -> Completed:
    return await podman.exec(container, command, limit_seconds=LIMIT_SECONDS)
