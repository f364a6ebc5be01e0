"""The program that backs SQLite's file up and restores it, killed at any moment, while others write."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from seatrial.server import database_file
from tests.overlays import CHECKOUT

KILLS = 6
LIMIT_SECONDS = 60.0
ARGV = (sys.executable, "-c", Path(database_file.__file__).read_text(encoding="utf-8"))


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """Yield a directory with the service's database in it, held open by a writer as the service does."""
    environment = {**os.environ, "APP_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/seatrial.db"}
    subprocess.run((sys.executable, "-m", "app", "migrate"), env=environment, check=True, cwd=CHECKOUT)
    with closing(sqlite3.connect(tmp_path / "seatrial.db")) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        yield tmp_path


def run(data: Path, *arguments: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """Run the program to its end."""
    environment = {**os.environ, "SEATRIAL_DATA": str(data)}
    return subprocess.run(
        (*ARGV, *arguments), input=given, env=environment, capture_output=True, check=False, cwd=CHECKOUT
    )


def write(data: Path, title: str) -> None:
    """Write a note, which is acknowledged when this returns."""
    with closing(sqlite3.connect(data / "seatrial.db", timeout=LIMIT_SECONDS)) as database, database:
        names = [row[1] for row in database.execute("PRAGMA table_info(notes)") if row[3] and not row[5]]
        values = [title if name == "title" else "2026-12-01 00:00:00" for name in names]
        places = ", ".join("?" * len(names))
        database.execute(f"INSERT INTO notes ({', '.join(names)}) VALUES ({places})", values)  # noqa: S608 - columns


def titles(data: Path) -> list[str]:
    """Return the notes that there are, of a database that is whole."""
    with closing(sqlite3.connect(data / "seatrial.db", timeout=LIMIT_SECONDS)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [title for (title,) in database.execute("SELECT title FROM notes ORDER BY title")]


def backed_up(data: Path) -> bytes:
    """Return a backup of what there is."""
    done = run(data, "save")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_restore_replaces_all_keeps_what_was_there_and_leaves_no_scratch(data: Path) -> None:
    """The number of the restore is that of the database; files are their owner's alone."""
    write(data, "before")
    backup = backed_up(data)
    write(data, "after")
    assert run(data, "restore", "4711", given=backup).returncode == 0
    assert titles(data) == ["before"]
    assert run(data, "which").stdout == b"4711"
    (kept,) = data.glob("before-restore-*.db")
    assert kept.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(kept)) as database:
        assert database.execute("SELECT count(*) FROM notes").fetchone() == (2,)
    assert not list(data.glob(".seatrial-scratch-*"))


def test_restore_that_is_killed_leaves_one_of_the_two_and_the_number_tells_which(data: Path) -> None:
    """At moments through all of it, each acknowledged write is there unless the restore has undone it."""
    write(data, "before")
    backup = backed_up(data)
    for kill in range(1, KILLS + 1):
        title = f"after {kill:02}"
        write(data, title)
        started = subprocess.Popen(
            (*ARGV, "restore", str(kill)),
            stdin=subprocess.PIPE,
            env={**os.environ, "SEATRIAL_DATA": str(data)},
            cwd=CHECKOUT,
        )
        assert started.stdin is not None
        started.stdin.write(backup)
        started.stdin.close()
        try:
            started.wait(timeout=3.0 * kill / KILLS)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
        undone = run(data, "which").stdout == str(kill).encode()
        assert (title in titles(data)) is not undone
        assert "before" in titles(data)
        assert not list(data.glob(".seatrial-scratch-*"))


@pytest.mark.parametrize("verb", ["restore", "verify"])
@pytest.mark.parametrize(
    "given", [b"", b"no database", b"SQLite format 3\0" + b"x" * 5000], ids=["empty", "text", "damaged"]
)
def test_what_is_no_backup_is_refused_in_one_line(data: Path, verb: str, given: bytes) -> None:
    """And what there was is there."""
    write(data, "kept")
    refused = run(data, verb, "1", given=given)
    assert refused.returncode == 1
    assert refused.stderr.startswith(b"this is no "), refused.stderr
    assert titles(data) == ["kept"]


def test_damaged_database_is_replaced_only_when_it_is_said_that_nobody_has_it_open(data: Path) -> None:
    """The first try says so by its exit code and changes nothing; the second keeps the damaged file."""
    write(data, "before")
    backup = backed_up(data)
    (data / "seatrial.db").write_bytes(b"damage" * 1000)
    refused = run(data, "restore", "1", given=backup)
    assert (refused.returncode, b"cannot be read" in refused.stderr) == (database_file.DAMAGED, True)
    assert (data / "seatrial.db").read_bytes().startswith(b"damage")
    assert run(data, "replace", "2", given=backup).returncode == 0
    assert titles(data) == ["before"]
    assert (data / "before-restore-2.db").read_bytes().startswith(b"damage")
