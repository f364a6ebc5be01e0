"""Backup and restore while the service serves, with SQLite."""

import asyncio

from tests.server.notes import write
from tests.server.server import Server

FILE = "/root/backup"


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
