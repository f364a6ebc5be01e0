"""What backup and restore do to SQLite's file; this text is run in a container of the service's image, with its volume.

It needs the standard library alone, and of the image `python -m app migrate`. The database is written to in one step: a
process that ends anywhere leaves what there was, or what is new, and tells them apart by `application_id`.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

DATA = Path(os.environ.get("SEATRIAL_DATA", "/var/lib/seatrial"))
DATABASE = DATA / "seatrial.db"
SCRATCH, KEPT = ".seatrial-scratch-", "before-restore-"
BUSY_SECONDS = 30.0
DAMAGED = 75
"""The exit code that says: what is there cannot be read, so that it is replaced only while nobody has it open."""


def save() -> None:
    """Write the database to standard output as it is at one moment."""
    with _scratch("save") as place:
        with closing(_opened(DATABASE)) as live, closing(sqlite3.connect(place)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        _check(place)
        with place.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)


def verify() -> None:
    """Read a backup, and see whether this release can serve it."""
    with _scratch("load") as place:
        _receive(place)


def restore(number: int, *, replace: bool) -> None:
    """Put a backup in place of the database, and keep what was there."""
    with _scratch("load") as place:
        _receive(place)
        with closing(sqlite3.connect(place)) as backup:
            backup.execute(f"PRAGMA application_id={number}")
            backup.execute("PRAGMA journal_mode=WAL")
        try:
            _keep(number)
        except sqlite3.Error as error:
            if not replace:
                sys.stderr.write(f"what is there cannot be read: {error}\n")
                sys.exit(DAMAGED)
            _keep_as_it_is(number)
            _sync(place)
            place.replace(DATABASE)
            _sync(DATA)
            return
        with closing(_opened(place)) as backup, closing(_opened(DATABASE)) as live:
            backup.backup(live)


def which() -> None:
    """Write the number of the restore that the database is from."""
    with suppress(sqlite3.Error), closing(_opened(DATABASE)) as live:
        sys.stdout.write(str(live.execute("PRAGMA application_id").fetchone()[0]))


def _receive(place: Path) -> None:
    """Take a backup from standard input, and bring it to this release's schema; what is none ends this."""
    with place.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    try:
        _check(place)
        tables = _tables(place)
        with closing(_opened(place)) as backup:
            (revisions,) = backup.execute("SELECT count(*) FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        sys.exit(f"this is no whole backup of the service: {error}")
    if not revisions:
        sys.exit("this is no backup of the service: it has no revision of a schema")
    _migrate(place, "the backup is not one that this release can serve")
    with _scratch("empty") as empty:
        _migrate(empty, "this release cannot make a schema")
        wanted = _tables(empty)
    for table, columns in wanted.items():
        if missing := columns - tables.get(table, set()) - (_tables(place).get(table, set())):
            sys.exit(f"this is no backup of the service: {table} lacks {', '.join(sorted(missing))}")
    if not wanted.keys() & tables.keys() - {"alembic_version"}:
        sys.exit("this is no backup of the service: it has none of its tables")


def _check(path: Path) -> None:
    """Raise sqlite3.Error unless the whole file is a whole database."""
    with closing(_opened(path)) as database:
        (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
        database.execute("SELECT version_num FROM alembic_version").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _tables(path: Path) -> dict[str, set[str]]:
    with closing(_opened(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        ask = "SELECT name FROM pragma_table_info(?)"
        return {name: {column for (column,) in database.execute(ask, (name,))} for name in names}


def _migrate(path: Path, refusal: str) -> None:
    environment = {**os.environ, "APP_DATABASE_URL": f"sqlite+aiosqlite:///{path}"}
    migrate = (sys.executable, "-m", "app", "migrate")
    done = subprocess.run(migrate, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{refusal}: {(done.stderr + done.stdout).strip()}")


def _keep(number: int) -> None:
    """Keep what is there, if it can be read as a whole."""
    _check(DATABASE)
    with _scratch("kept") as place:
        with closing(_opened(DATABASE)) as live, closing(sqlite3.connect(place)) as copy:
            live.backup(copy)
        place.rename(_only_kept(number))


def _keep_as_it_is(number: int) -> None:
    """Keep a damaged file, byte by byte, and nothing beside it that would be taken for the new one's."""
    kept = _only_kept(number)
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{DATABASE}{end}", f"{kept}{end}")
    for end in ("-wal", "-shm"):
        Path(f"{DATABASE}{end}").unlink(missing_ok=True)


def _only_kept(number: int) -> Path:
    for old in DATA.glob(f"{KEPT}*"):
        old.unlink()
    return DATA / f"{KEPT}{number}.db"


def _opened(path: Path) -> sqlite3.Connection:
    """Open a database that is there: SQLite would make one that is not."""
    return sqlite3.connect(f"{path.as_uri()}?mode=rw", timeout=BUSY_SECONDS, uri=True)


@contextmanager
def _scratch(name: str) -> Iterator[Path]:
    """Yield a place of one's own on the data's volume, and leave nothing there."""
    place = DATA / f"{SCRATCH}{name}"
    _clear(place.name)
    try:
        yield place
    finally:
        _clear(place.name)


def _clear(name: str) -> None:
    for left in DATA.glob(f"{name}*"):
        left.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def main(verb: str, number: str = "0") -> None:
    """Do one of the deeds; ends with one line when it cannot."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.umask(0o077)
    _clear(SCRATCH)  # what a killed one has left: there is one at a time
    try:
        match verb:
            case "save":
                save()
            case "verify":
                verify()
            case "which":
                which()
            case _:
                restore(int(number), replace=verb == "replace")
    except (sqlite3.Error, OSError) as error:
        sys.exit(f"{DATABASE.name}: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
