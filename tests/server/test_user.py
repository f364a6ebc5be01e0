"""The same without root: a user whose units run from boot on, with HTTPS by a given certificate."""

import asyncio

import pytest

from tests.server.machine import Machine
from tests.server.machines import GOOD, USER
from tests.server.server import Server

FILES = ("--from-file", "tls.crt=/home/admin/tls.crt", "--from-file", "tls.key=/home/admin/tls.key")
CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
    "-addext subjectAltName=DNS:localhost -keyout /home/admin/tls.key -out /home/admin/tls.crt"
)
TUN = "/dev/net/tun"
ASK = ("curl", "-sS", "--fail", "--cacert", "/home/admin/tls.crt", "https://localhost:8443/health/ready")


@pytest.fixture
def server(users_machine: Machine) -> Server:
    """Return the server of a user."""
    return Server(users_machine, USER)


def test_user_installs_rolls_out_and_changes_the_certificate(server: Server) -> None:
    """From nothing to a rollout and another certificate, each step as docs/server.md has it."""

    async def check() -> None:
        await new_certificate(server)
        without = await server.seatrial("install", "kustomize/overlays/podman-blue-green-tls")
        assert (without.returncode, "no secret seatrial-tls" in without.stderr) == (1, True)
        (await server.seatrial("secret", "seatrial-tls", *FILES)).check()
        installed = (await server.seatrial("install", "kustomize/overlays/podman-blue-green-tls")).check()
        assert "admin does not linger" in installed.stderr
        assert '"ready"' in await server.machine.ask(*ASK)
        (await server.seatrial("rollout", GOOD)).check()
        assert await server.live() == "seatrial-green"
        await new_certificate(server)
        assert (await server.machine.run(*ASK)).returncode != 0, "the new certificate is not there yet"
        (await server.seatrial("secret", "seatrial-tls", *FILES)).check()
        await server.systemctl("restart", "seatrial-proxy")
        assert '"ready"' in await answered(server)

    asyncio.run(check())


def test_lingering_users_service_is_there_after_a_reboot_without_a_login(server: Server) -> None:
    """After `loginctl enable-linger`, and nothing said of it any more."""

    async def check() -> None:
        await server.machine.ask("loginctl", "enable-linger", USER)
        assert (
            "linger"
            not in (await server.seatrial("install", "kustomize/overlays/podman-blue-green-tls")).check().stderr
        )
        await server.machine.reboot()
        assert '"ready"' in await answered(server)
        assert await server.live() == "seatrial-green"

    asyncio.run(check())


def test_service_is_there_once_what_kept_pasta_from_starting_is_mended(server: Server) -> None:
    """A start without /dev/net/tun fails, and takes nothing that the next one needs."""

    async def check() -> None:
        live = await server.live()
        units = (live, "seatrial-proxy")
        await server.systemctl("stop", *units)
        try:
            await server.machine.ask("chmod", "0600", TUN)
            await server.systemctl("start", "--no-block", *units)
            for unit in units:
                await server.until_started_again(unit)
        finally:
            await server.machine.ask("chmod", "0666", TUN)
        assert '"ready"' in await answered(server)

    asyncio.run(check())


def test_users_containers_are_no_more_than_the_user_outside(server: Server) -> None:
    """The service's processes belong to the user's own range of ids, none to root."""

    async def check() -> None:
        live = await server.live()
        shown = await server.machine.ask("podman", "top", f"{live}-pod-{live}", "hpid", user=USER)
        processes = [f"/proc/{pid}" for pid in shown.split()[1:]]
        # Not `ask`: the command of a probe has ended since, and stat exits 1 for it.
        owners = (await server.machine.run("stat", "--format=%u", *processes)).stdout.split()
        assert owners
        assert all(int(owner) >= 100_000 for owner in owners)

    asyncio.run(check())


def test_uninstall_leaves_the_data_and_nothing_else(server: Server) -> None:
    """No unit, no pod, no network, no command; the volume with the data stays."""

    async def check() -> None:
        (await server.seatrial("uninstall")).check()
        assert await server.machine.ask("podman", "pod", "ls", "--quiet", user=USER) == ""
        assert "seatrial" not in await server.machine.ask("podman", "network", "ls", "--quiet", user=USER)
        assert await server.systemctl("list-units", "--all", "--plain", "--no-legend", "seatrial*") == ""
        assert "seatrial-data" in await server.machine.ask("podman", "volume", "ls", "--quiet", user=USER)
        left = await server.machine.run("ls", "/home/admin/.local/bin/seatrial")
        assert left.returncode != 0

    asyncio.run(check())


async def new_certificate(server: Server) -> None:
    """Make a certificate for this machine's own name, and its key."""
    await server.machine.ask("sh", "-c", CERTIFICATE, user=USER)


async def answered(server: Server) -> str:
    """Return the service's answer by HTTPS as soon as there is one."""
    async with asyncio.timeout(120):
        while (asked := await server.machine.run(*ASK)).returncode != 0:  # noqa: ASYNC110 - from outside
            await asyncio.sleep(0.2)
    return asked.stdout
