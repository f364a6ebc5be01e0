"""Rollouts on a real systemd, under traffic: no request fails, and one colour serves whatever interrupts them."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from tests.next_release import EXPANDS
from tests.server.machines import CRASHES, GOOD, NEVER_READY
from tests.server.server import PYTHON, Server


def after(server: Server, action: Coroutine[Any, Any, None]) -> None:
    """Run a test, and make the server whole in the end, that the next one finds it so."""

    async def whole() -> None:
        try:
            await action
        finally:
            (await server.seatrial("repair")).check()

    asyncio.run(whole())


def test_rollout_under_traffic_fails_no_request(installed: Server) -> None:
    """The other colour is live, the old one stopped by itself, and every request was answered."""

    async def check() -> None:
        before = await installed.live()
        async with installed.traffic() as report:
            (await installed.seatrial("rollout", GOOD)).check()
        assert report.failed == 0, str(report)
        now = await installed.live()
        assert now != before
        assert await installed.active() == {now: "active", before: "inactive", "seatrial-proxy": "active"}

    after(installed, check())


def test_stop_then_start_under_traffic_fails_requests(installed: Server) -> None:
    """The negative: the same traffic notices an outage."""

    async def check() -> None:
        async with installed.traffic() as report:
            await installed.systemctl("restart", await installed.live())
        assert report.failed > 0, str(report)

    after(installed, check())


@pytest.mark.parametrize(
    ("image", "reason"),
    [(CRASHES, "APP_NO_SUCH_SETTING: no such setting"), (NEVER_READY, "dependency changed")],
    ids=["crashes at its start", "is never ready"],
)
def test_bad_revision_is_rolled_back_with_its_logs_and_fails_no_request(
    installed: Server, image: str, reason: str
) -> None:
    """What was live stays so, the reason is told, the exit code is 1, and `rollback` still goes to where it went."""

    async def check() -> None:
        before = await installed.live()
        listed = (await installed.seatrial("status")).stdout
        async with installed.traffic() as report:
            done = await installed.seatrial("rollout", image)
        assert done.returncode == 1
        assert reason in done.stderr
        assert f"rolled back: {before} serves as before" in done.stderr
        assert "Traceback" not in done.stderr
        assert report.failed == 0, str(report)
        assert await installed.live() == before
        assert (await installed.seatrial("status")).stdout == listed

    after(installed, check())


def test_rollback_goes_to_the_previous_revision_and_fails_no_request(installed: Server) -> None:
    """There and back: the colour that was live before is live again."""

    async def check() -> None:
        before = await installed.live()
        (await installed.seatrial("rollout")).check()
        async with installed.traffic() as report:
            (await installed.seatrial("rollback")).check()
        assert report.failed == 0, str(report)
        assert await installed.live() == before

    after(installed, check())


def test_release_with_a_migration_goes_forward_back_and_forward_and_fails_no_request(installed: Server) -> None:
    """Its schema is ahead of what serves, while both colours have the database open, and after the rollback."""

    async def check() -> None:
        before = await installed.live()
        async with installed.traffic() as report:
            (await installed.seatrial("rollout", EXPANDS)).check()
            (await installed.seatrial("rollback")).check()
            (await installed.seatrial("rollback")).check()
        assert report.failed == 0, str(report)
        assert await installed.live() != before

    after(installed, check())


@pytest.mark.parametrize(
    "step", ["starts", "waiting until", "is ready", "new requests go to", "starts at boot no longer", "ends, within"]
)
def test_tool_that_is_killed_at_a_step_leaves_a_server_that_serves_and_is_repaired(
    installed: Server, step: str
) -> None:
    """SIGKILL just before the step; no request fails then, nor while the next run tidies up."""

    async def check() -> None:
        async with installed.traffic() as report:
            assert (await installed.killed_at(step, "rollout")).returncode == 0
            assert await installed.ready()
            (await installed.seatrial("repair")).check()
        assert report.failed == 0, str(report)
        active = await installed.active()
        assert active.pop(await installed.live()) == "active"
        assert active.pop("seatrial-proxy") == "active"
        assert list(active.values()) == ["inactive"]

    after(installed, check())


def test_second_run_of_the_tool_at_the_same_time_is_refused(installed: Server) -> None:
    """One at a time: whoever comes while another holds the installation is told so, and changes nothing."""

    async def check() -> None:
        held = ("flock", "/etc/containers/systemd/seatrial", PYTHON, "-m", "seatrial", "server")
        for verb in ("rollout", "uninstall"):
            refused = await installed.machine.run(*held, verb)
            assert refused.returncode == 1
            assert "another rollout, rollback, installation, backup or restore is at work" in refused.stderr
        (await installed.seatrial("repair")).check()

    after(installed, check())


def test_image_of_a_rollback_outlives_a_prune(installed: Server) -> None:
    """Its own tag has moved on to another image, and no container uses it."""

    async def check() -> None:
        moving = "localhost/seatrial:moving"
        build = f"echo 'FROM {GOOD}\nLABEL moved=%s' | podman build --quiet --tag={moving} -"
        await installed.machine.ask("sh", "-c", build % 1)
        (await installed.seatrial("rollout", moving)).check()
        before = await installed.live()
        await installed.machine.ask("sh", "-c", build % 2)
        (await installed.seatrial("rollout", moving)).check()
        await installed.machine.ask("podman", "image", "prune", "--force")
        (await installed.seatrial("rollback")).check()
        assert await installed.live() == before

    after(installed, check())


@pytest.mark.parametrize("image", ["", " "])
def test_empty_image_is_refused_and_changes_nothing(installed: Server, image: str) -> None:
    """It is what a variable that is not set leaves; without any argument it is the same image anew."""

    async def check() -> None:
        before = await installed.live()
        refused = await installed.seatrial("rollout", image)
        assert (refused.returncode, "IMAGE: given" in refused.stderr) == (1, True), refused.stderr
        assert await installed.live() == before

    after(installed, check())


def test_reason_is_told_where_no_container_has_logged(installed: Server) -> None:
    """A port that is taken is podman's word, in the unit's journal; what is live serves and was seen to."""

    async def check() -> None:
        before = await installed.live()
        port = {"seatrial-blue": "8002", "seatrial-green": "8001"}[before]
        taken = f"/usr/bin/python3 -m http.server --bind 127.0.0.1 {port}"
        await installed.machine.ask("systemd-run", "--unit=takes-the-port", *taken.split())
        try:
            done = await installed.seatrial("rollout", GOOD)
        finally:
            await installed.machine.ask("systemctl", "stop", "takes-the-port")
        assert done.returncode == 1
        assert "address already in use" in done.stderr
        assert f"rolled back: {before} serves as before" in done.stderr

    after(installed, check())


@pytest.mark.parametrize("step", ["waiting until", "new requests go to", "starts at boot no longer"])
def test_server_that_loses_power_in_a_rollout_serves_after_its_boot(installed: Server, step: str) -> None:
    """Everything ends at once just before the step; the boot alone brings the service back, the next run tidies up."""

    async def check() -> None:
        assert (await installed.killed_at(step, "rollout")).returncode == 0
        await installed.machine.lose_power()
        await installed.machine.power_on()
        await installed.until_ready()
        (await installed.seatrial("repair")).check()
        assert sorted((await installed.active()).values()) == ["active", "active", "inactive"]

    after(installed, check())


def test_server_serves_after_a_reboot(installed: Server) -> None:
    """What was live is live again, started by systemd alone."""

    async def check() -> None:
        before = await installed.live()
        await installed.machine.reboot()
        await installed.until_ready()
        assert await installed.live() == before
        assert sorted((await installed.active()).values()) == ["active", "active", "inactive"]

    after(installed, check())
