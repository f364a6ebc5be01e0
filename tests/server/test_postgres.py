"""A server with PostgreSQL: its password from a Secret, its data backed up and restored while the service serves."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.server.notes import write
from tests.server.server import Server

FILE, PASSWORD = "/root/backup.dump", "/root/password"
SECRET = ("seatrial-database", "--from-file", f"APP_DATABASE_PASSWORD={PASSWORD}")


@pytest.fixture(scope="module")
def server(installed: Server) -> Iterator[Server]:
    """Yield the machine's server with PostgreSQL; SQLite's comes back in the end."""

    async def change() -> None:
        (await installed.seatrial("uninstall")).check()
        await new_password(installed)
        (await installed.seatrial("secret", *SECRET)).check()
        (await installed.seatrial("install", "kustomize/overlays/podman-blue-green-postgres")).check()

    async def change_back() -> None:
        await installed.seatrial("uninstall")
        (await installed.seatrial("install", "kustomize/overlays/podman-blue-green")).check()

    try:
        asyncio.run(change())
        yield installed
    finally:
        asyncio.run(change_back())


def test_restore_brings_back_what_was_dumped_and_nothing_later(server: Server) -> None:
    """By pg_dump and pg_restore, in one transaction."""

    async def check() -> None:
        assert await write(server, "before the backup") == 201
        (await server.seatrial("backup", FILE)).check()
        assert await write(server, "after the backup") == 201
        (await server.seatrial("restore", FILE)).check()
        assert await write(server, "before the backup") == 409
        assert await write(server, "after the backup") == 201

    asyncio.run(check())


def test_password_is_changed_by_the_secret_the_database_and_a_rollout(server: Server) -> None:
    """In the order of docs/server.md; the old password opens nothing any more."""

    async def check() -> None:
        before = await server.live()
        old = await server.machine.ask("cat", PASSWORD)
        await new_password(server)
        (await server.seatrial("secret", *SECRET)).check()
        alter = (
            f'printf "ALTER ROLE seatrial PASSWORD \'%s\'" "$(cat {PASSWORD})" | '
            "podman exec -i postgres-pod-postgres psql --quiet --username=seatrial --dbname=seatrial"
        )
        await server.machine.ask("sh", "-c", alter)
        (await server.seatrial("rollout")).check()
        assert await server.live() != before
        await server.until_ready()
        connect = f"PGPASSWORD={old} psql --host=127.0.0.1 --username=seatrial --dbname=seatrial --command='SELECT 1'"
        refused = await server.machine.run("podman", "exec", "postgres-pod-postgres", "sh", "-c", connect)
        assert "password authentication failed" in refused.stderr

    asyncio.run(check())


async def new_password(server: Server) -> None:
    """Write a password that nobody has seen to a file that its owner alone can read."""
    await server.machine.ask("sh", "-c", f"umask 077; head -c 24 /dev/urandom | base64 | tr -d '\\n/+' > {PASSWORD}")
