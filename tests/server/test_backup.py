"""Backup and restore while the service serves, with SQLite."""

import asyncio

import pytest

from tests.server.notes import write
from tests.server.server import PYTHON, Server

FILE = "/root/backup"
DATA = "/var/lib/containers/storage/volumes/seatrial-data/_data"
EMPTY_WAL = f"import sqlite3; sqlite3.connect('{DATA}/seatrial.db').execute('PRAGMA wal_checkpoint(TRUNCATE)')"
SETTLE_SECONDS = 3.0
"""In which what goes on after its tool would be seen."""


def test_restore_brings_back_what_was_backed_up_and_nothing_later(installed: Server) -> None:
    """A note of before is there, one of after is not, and the file is its owner's alone."""

    async def check() -> None:
        await installed.machine.ask("rm", "--force", FILE)
        await write(installed, "before the backup")
        (await installed.seatrial("backup", FILE)).check()
        assert await installed.machine.ask("stat", "--format=%a", FILE) == "600"
        assert await write(installed, "after the backup") == 201
        (await installed.seatrial("restore", FILE)).check()
        assert await write(installed, "before the backup") == 409
        assert await write(installed, "after the backup") == 201

    asyncio.run(check())


def test_backup_overwrites_nothing_and_restore_takes_no_other_file(installed: Server) -> None:
    """Each is refused in one message, and the data is what it was."""

    async def check() -> None:
        await write(installed, "kept")
        there = await installed.seatrial("backup", "/etc/hostname")
        assert (there.returncode, "is there already" in there.stderr) == (1, True)
        other = await installed.seatrial("restore", "/etc/hostname")
        assert (other.returncode, "Traceback" in other.stderr) == (1, False), other.stderr
        assert await write(installed, "kept") == 409

    asyncio.run(check())


def test_name_with_a_colon_is_a_name(installed: Server) -> None:
    """`date -Is` has three of them; what looks like a container's path is a file's as well."""

    async def check() -> None:
        for name in ("/root/notes-2026-12-01T10:00:00+00:00", "/root/pod-container:x"):
            await installed.machine.ask("rm", "--force", name)
            (await installed.seatrial("backup", name)).check()
            (await installed.seatrial("backup", "--verify", name)).check()

    asyncio.run(check())


def test_backups_and_restores_at_once_take_turns(installed: Server) -> None:
    """Each backup is of one moment that was, and a restore that says so has happened."""

    async def check() -> None:
        await installed.machine.ask("sh", "-c", f"rm -f {FILE}*")
        await write(installed, "before all of them")
        (await installed.seatrial("backup", FILE)).check()
        assert await write(installed, "undone by the restore") == 201
        done = await asyncio.gather(
            installed.seatrial("restore", FILE),
            installed.seatrial("backup", f"{FILE}-1"),
            installed.seatrial("backup", f"{FILE}-2"),
        )
        for completed in done:
            assert completed.returncode == 0 or "is at work" in completed.stderr, completed.stderr
        done[0].check()
        assert await write(installed, "undone by the restore") == 201
        assert await installed.machine.ask("sh", "-c", f"ls -A {DATA} | grep -c scratch || true") == "0"

    asyncio.run(check())


def test_restore_that_is_interrupted_says_which_data_there_is_and_it_stays_so(installed: Server) -> None:
    """SIGTERM and SIGKILL at offsets through all of it: the notes are those of before, or of the backup, at once."""

    async def check() -> None:
        await installed.machine.ask("rm", "--force", FILE)
        await write(installed, "kept by all")
        (await installed.seatrial("backup", FILE)).check()
        for signal in ("TERM", "KILL"):
            for offset in (1.0, 2.0, 4.0, 6.0):
                marker = f"{signal} after {offset}"
                assert await write(installed, marker) == 201
                command = ("timeout", "-s", signal, str(offset), PYTHON, "-m", "seatrial", "server", "restore", FILE)
                done = await installed.machine.run(*command)
                if signal == "KILL":
                    # Whoever comes next ends what the killed tool has left, and has the data for itself.
                    (await installed.seatrial("backup", "--verify", FILE)).check()
                there = await write(installed, marker) == 409
                if "the data is what it was before" in done.stdout + done.stderr:
                    assert there
                elif "the data is the backup's" in done.stdout + done.stderr or done.returncode == 0:
                    assert not there
                await asyncio.sleep(SETTLE_SECONDS)
                assert await write(installed, marker) == 409
                assert await write(installed, "kept by all") == 409

    asyncio.run(check())


def test_restore_replaces_a_damaged_database_and_keeps_it(installed: Server) -> None:
    """What a restore is for; the service is down meanwhile, and serves afterwards."""

    async def check() -> None:
        await installed.machine.ask("rm", "--force", FILE)
        await write(installed, "in the backup")
        (await installed.seatrial("backup", FILE)).check()
        await installed.machine.ask(PYTHON, "-c", EMPTY_WAL)  # or it heals all of it
        await installed.machine.ask("sh", "-c", f"yes damage | head -c 65536 > {DATA}/seatrial.db")
        refused = await installed.seatrial("backup", f"{FILE}-of-damage")
        assert refused.returncode == 1
        assert await installed.machine.ask("sh", "-c", "ls -A /root | grep -c of-damage || true") == "0"
        done = (await installed.seatrial("restore", FILE)).check()
        await installed.until_ready()
        assert await write(installed, "in the backup") == 409
        (kept,) = [line.rpartition(" ")[2] for line in (done.stdout + done.stderr).splitlines() if "is kept" in line]
        assert "damage" in await installed.machine.ask("head", "--bytes=20", kept)

    asyncio.run(check())


def test_restore_works_while_the_service_is_down(installed: Server) -> None:
    """Neither colour nor proxy runs; the repair that follows starts them with the backup's data."""

    async def check() -> None:
        await installed.machine.ask("rm", "--force", FILE)
        (await installed.seatrial("backup", FILE)).check()
        assert await write(installed, "undone while it was down") == 201
        await installed.systemctl("stop", await installed.live(), "seatrial-proxy")
        try:
            (await installed.seatrial("restore", FILE)).check()
        finally:
            (await installed.seatrial("repair")).check()
        await installed.until_ready()
        assert await write(installed, "undone while it was down") == 201

    asyncio.run(check())


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ("CREATE TABLE notes (id)", "no whole backup of the service"),
        ("CREATE TABLE notes (id); CREATE TABLE alembic_version (version_num)", "no revision of a schema"),
        (
            (
                "CREATE TABLE notes (id); CREATE TABLE alembic_version (version_num); "
                "INSERT INTO alembic_version VALUES ('0001')"
            ),
            "no backup of the service: ",
        ),
        (
            "CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('9999')",
            "not one that this release can serve",
        ),
    ],
    ids=["another program's", "of no revision", "another program's of the same revision", "of a newer release"],
)
def test_restore_refuses_what_this_release_cannot_serve(installed: Server, made: str, reason: str) -> None:
    """In one message, and the notes are there."""

    async def check() -> None:
        await write(installed, "still there")
        await installed.machine.ask("rm", "--force", FILE)
        program = f"import sqlite3; sqlite3.connect({FILE!r}).executescript({made!r})"
        await installed.machine.ask(PYTHON, "-c", program)
        for arguments in (("restore", FILE), ("backup", "--verify", FILE)):
            refused = await installed.seatrial(*arguments)
            assert (refused.returncode, reason in refused.stderr) == (1, True), refused.stderr
        assert await write(installed, "still there") == 409

    asyncio.run(check())
