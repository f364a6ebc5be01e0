"""`make up` and `make down`, by the commands behind them, on a copy of the overlay with names and ports of its own."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from seatrial.command import Command, Completed
from seatrial.kubelet.deployment import new_run
from seatrial.manifests.isolation import isolate
from seatrial.manifests.kustomize import Object, dump, render
from seatrial.manifests.pods import pods
from seatrial.podman.client import Podman
from seatrial.traffic.clients import hold
from seatrial.traffic.exchange import Outcome, Request
from tests.e2e import notes

pytestmark = pytest.mark.podman_only("`make up` is for this machine")

LIMIT_SECONDS = 300.0


class FrontDoor:
    """The command line, for one overlay in a file."""

    def __init__(self, file: Path, run: str, objects: Sequence[Object]) -> None:
        self.file = file
        self.run = run
        self.objects = list(objects)
        self.podman = Podman()

    async def __call__(self, verb: str, *options: str) -> Completed:
        """Run a verb on the file as the objects now are."""
        self.file.write_text(dump(self.objects))
        argv = (sys.executable, "-m", "seatrial", verb, str(self.file), *options)
        return await Command(argv, LIMIT_SECONDS, cwd=Path(__file__).parents[2]).run()

    async def instance(self) -> str:
        """Return what changes whenever the container is another, or started anew."""
        return (await self.podman.inspect(pods(self.objects)[0].containers[0].podman_name)).instance

    async def write(self) -> Outcome:
        """Write one note, always the same."""
        return await hold(pods(self.objects)[0].containers[0].host_port(notes.PORT), notes.FIXED, for_seconds=0)

    def set(self, name: str, value: str) -> None:
        """Change a setting."""
        next(found for found in self.objects if found["kind"] == "ConfigMap")["data"][name] = value


@pytest.fixture
async def front_door(overlay: Path, tmp_path: Path) -> AsyncIterator[FrontDoor]:
    """Yield the command line, and remove whatever it has left."""
    run = new_run()
    door = FrontDoor(tmp_path / "overlay.yaml", run, isolate(await render(overlay), run))
    door.set("APP_LAME_DUCK_SECONDS", "0")
    try:
        yield door
    finally:
        await door.podman.remove_pods(template.name for template in pods(door.objects))
        left = await door.podman.leftovers(run)
        await door.podman.remove_volumes(left.volumes)
        await door.podman.remove_secrets(left.secrets)


async def test_up_deploys_and_says_where(front_door: FrontDoor) -> None:
    """Ready when it returns; the state is on stdout with the URL."""
    up = (await front_door("up")).check()
    port = pods(front_door.objects)[0].containers[0].host_port(notes.PORT)
    assert f"http://127.0.0.1:{port}" in up.stdout
    assert "running" in up.stdout
    assert (await front_door.write()).status == 201
    assert (await front_door("status")).returncode == 0


async def test_up_changes_nothing_when_nothing_has_changed(front_door: FrontDoor) -> None:
    """The container is the same one."""
    (await front_door("up")).check()
    before = await front_door.instance()
    again = (await front_door("up")).check()
    assert "nothing has changed" in again.stderr
    assert await front_door.instance() == before


async def test_up_replaces_what_has_changed_and_keeps_the_data(front_door: FrontDoor) -> None:
    """A changed setting makes another container, on the same volume."""
    (await front_door("up")).check()
    assert (await front_door.write()).status == 201
    before = await front_door.instance()
    front_door.set("APP_LOG_LEVEL", "debug")
    again = (await front_door("up")).check()
    assert "replacing" in again.stderr
    assert await front_door.instance() != before
    assert (await front_door.write()).status == 409


async def test_down_keeps_the_data_and_down_with_volumes_leaves_nothing(front_door: FrontDoor) -> None:
    """What `up` finds afterwards is what was there, and then nothing."""
    (await front_door("up")).check()
    assert (await front_door.write()).status == 201
    (await front_door("down")).check()
    assert not (await front_door.podman.leftovers(front_door.run)).pods
    assert (await front_door("status")).returncode == 1
    (await front_door("up")).check()
    assert (await front_door.write()).status == 409
    (await front_door("down", "--volumes")).check()
    assert not await front_door.podman.leftovers(front_door.run)


@pytest.mark.parametrize("verb", ["down", "up"])
async def test_service_answers_in_its_lame_duck_while_it_is_stopped_or_replaced(
    front_door: FrontDoor, verb: str
) -> None:
    """Requests are answered, and readiness says no, until it stops accepting: its network is there as long as it is."""
    front_door.set("APP_LAME_DUCK_SECONDS", "5")
    (await front_door("up")).check()
    front_door.set("APP_LOG_LEVEL", "debug")  # so that there is something to replace
    port = pods(front_door.objects)[0].containers[0].host_port(notes.PORT)
    ending = asyncio.create_task(front_door(verb))
    seen: list[Outcome] = []
    while not ending.done():
        seen += [await hold(port, Request(path), for_seconds=0) for path in ("/health/ready", notes.NOTES)]
    (await ending).check()
    ready, answered = seen[::2], seen[1::2]
    turned = next(at for at, outcome in enumerate(ready) if outcome.status == 503)
    assert answered[turned].ok, answered[turned]
    assert answered[turned].closing


async def test_up_with_a_bad_setting_says_so_and_leaves_nothing(front_door: FrontDoor) -> None:
    """The container's own message, no traceback, exit code 1, no half-made pod."""
    front_door.set("APP_DRAIN_SECONDS", "soon")
    up = await front_door("up")
    assert up.returncode == 1
    assert "APP_DRAIN_SECONDS: given 'soon'" in up.stderr
    assert "Traceback" not in up.stderr
    assert not (await front_door.podman.leftovers(front_door.run)).pods


async def test_what_has_the_names_and_is_anothers_is_named_and_left_alone(
    front_door: FrontDoor, tmp_path: Path
) -> None:
    """The same manifests from another path replace, remove and call ready nothing; from their own they do."""
    (await front_door("up")).check()
    assert (await front_door.write()).status == 201
    before = await front_door.instance()
    own, front_door.file = front_door.file, tmp_path / "other.yaml"
    for verb, exit_code in (("up", 1), ("status", 1), ("logs", 1), ("down", 0)):
        done = await front_door(verb, *(["--volumes"] if verb == "down" else []))
        assert done.returncode == exit_code, done
        assert str(own) in done.stdout + done.stderr or verb == "logs"
        assert "stopped" not in done.stderr
    assert await front_door.instance() == before
    assert (await front_door.write()).status == 409
    front_door.file = own
    assert (await front_door("status")).returncode == 0


async def test_a_port_that_is_taken_is_said_before_anything_is_changed(front_door: FrontDoor) -> None:
    """One line names the process that has it; no pod is made, and none of its volumes."""
    port = pods(front_door.objects)[0].containers[0].host_port(notes.PORT)
    with socket.create_server(("127.0.0.1", port)):
        up = await front_door("up")
    assert up.returncode == 1
    assert f"port {port}" in up.stderr
    assert f"(process {os.getpid()})" in up.stderr
    assert not await front_door.podman.leftovers(front_door.run)


async def test_of_two_at_once_one_waits_for_the_other(front_door: FrontDoor) -> None:
    """Both succeed, one of them by finding that nothing has changed, and says that it waits."""
    first, second = await asyncio.gather(front_door("up"), front_door("up"))
    both = first.check().stderr + second.check().stderr
    assert both.count("waiting for another command") == 1
    assert both.count("nothing has changed") == 1


async def test_logs_show_each_container_by_its_name(front_door: FrontDoor) -> None:
    """Until they are interrupted."""
    (await front_door("up")).check()
    containers = [container.podman_name for template in pods(front_door.objects) for container in template.containers]
    argv = (sys.executable, "-m", "seatrial", "logs", str(front_door.file))
    following = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert following.stdout
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            missing = set(containers)
            while missing:
                line = (await following.stdout.readline()).decode()
                assert line, missing
                missing -= {line.split()[0]}
    finally:
        following.terminate()
        await following.wait()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("up", "nowhere"), "nowhere cannot be read"),
        (("up", "kustomize/overlays/production"), "is not for podman"),
        (("render", "app"), "app is no overlay"),
        (("fly",), "there is no verb 'fly'; there are "),
    ],
)
async def test_bad_command_line_is_refused_in_one_message(arguments: tuple[str, ...], message: str) -> None:
    """What was given and what is allowed; no traceback, and not exit code 0."""
    done = await Command(
        (sys.executable, "-m", "seatrial", *arguments), LIMIT_SECONDS, cwd=Path(__file__).parents[2]
    ).run()
    assert done.returncode != 0
    assert message in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
