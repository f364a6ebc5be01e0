"""Releases on one database under load: a migration forward, back and forward again loses nothing."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from images import service
from seatrial.errors import PlayError
from seatrial.kubelet.deployment import Deployment
from seatrial.manifests.kustomize import Object, render
from seatrial.runtime import Runtime
from seatrial.traffic.clients import Client, KeepAlive, NewConnection, Traffic
from seatrial.waiting import eventually
from tests import next_release
from tests.e2e import notes
from tests.e2e.objects import service_pod_spec

pytestmark = pytest.mark.podman_only("a cluster rolls a Deployment: cluster/test_rollout.py")

LIMIT_SECONDS = 120.0
MORE_REQUESTS = 150
"""How many each release answers alone before the next one comes."""


def clients() -> list[Client]:
    """Return clients that read and write by kept-alive and by new connections."""
    return [
        KeepAlive(notes.read, rate=30, connections=6),
        KeepAlive(notes.write, rate=10, connections=2, name="keep-alive write"),
        NewConnection(notes.read, rate=15),
        NewConnection(notes.write, rate=5, name="new-connection write"),
    ]


async def release(overlay: Path, image: str, data: Path) -> list[Object]:
    """Return the overlay with a release's image, and its database in a directory of this machine."""
    objects = [found for found in await render(overlay) if found["kind"] != "PersistentVolumeClaim"]
    spec = service_pod_spec(objects)
    for container in (*spec["initContainers"], *spec["containers"]):
        container["image"] = image
    claimed: list[dict[str, Any]] = [each for each in spec["volumes"] if each.pop("persistentVolumeClaim", None)]
    (volume,) = claimed
    volume["hostPath"] = {"path": str(data), "type": "Directory"}
    return objects


async def answered(traffic: Traffic, more: int) -> None:
    """Wait until so many more requests have their outcome."""
    target = len(traffic.outcomes) + more
    await eventually(lambda: len(traffic.outcomes) >= target, LIMIT_SECONDS, f"{more} more requests are answered")


class Rollouts:
    """What a Deployment's controller does: a new pod beside the old one, and only then the old one's end."""

    def __init__(self, runtime: Runtime, overlay: Path, data: Path, stack: AsyncExitStack) -> None:
        self.runtime, self.overlay, self.data, self.stack = runtime, overlay, data, stack
        self.deployment: Deployment | None = None

    async def start(self, image: str) -> Deployment:
        """Play a release and return it when it is ready."""
        objects = await release(self.overlay, image, self.data)
        started: Any = await self.stack.enter_async_context(self.runtime.deployed(objects))
        await started.pod.until_ready(LIMIT_SECONDS)
        return started  # type: ignore[no-any-return]  # podman's own

    async def roll(self, image: str, traffic: Traffic) -> None:
        """Replace the release that serves, as the balancer before both would see it."""
        following = await self.start(image)
        assert self.deployment
        traffic.turn_to(following.pod.host_port(notes.PORT))
        await self.deployment.pod.terminate()
        self.deployment = following


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a directory that every user may write to, as the pods' is another one."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o777)
    return tmp_path / "data"


async def rolled(rollouts: Rollouts, following: Sequence[str]) -> Traffic:
    """Start this release, roll to each of the following ones under load, and return what became of the requests."""
    rollouts.deployment = await rollouts.start(service.reference())
    async with rollouts.deployment.traffic(notes.PORT, clients()) as traffic:
        for image in following:
            await answered(traffic, MORE_REQUESTS)
            await rollouts.roll(image, traffic)
        await answered(traffic, MORE_REQUESTS)
    return traffic


async def test_release_with_a_migration_goes_forward_back_and_forward_and_loses_nothing(
    runtime: Runtime, overlay: Path, data: Path
) -> None:
    """Four releases after each other on one database, each beside the one before while it migrates; none fails."""
    following = await next_release.build(next_release.EXPANDS)
    async with AsyncExitStack() as stack:
        rollouts = Rollouts(runtime, overlay, data, stack)
        traffic = await rolled(rollouts, [following, service.reference(), following])
        assert rollouts.deployment
        explained = await rollouts.deployment.pod.report()
    assert traffic.failed() == [], f"{traffic}\n{explained}"


async def test_release_does_not_go_back_behind_a_contraction_and_the_one_that_serves_goes_on(
    runtime: Runtime, overlay: Path, data: Path
) -> None:
    """The negative: the older release's migration ends with 78 and the reason, and no request fails meanwhile."""
    following = await next_release.build(next_release.CONTRACTS)
    async with AsyncExitStack() as stack:
        rollouts = Rollouts(runtime, overlay, data, stack)
        rollouts.deployment = await rollouts.start(following)
        async with rollouts.deployment.traffic(notes.PORT, clients()) as traffic:
            await answered(traffic, MORE_REQUESTS)
            with pytest.raises(PlayError) as refused:
                await rollouts.start(service.reference())
            await answered(traffic, MORE_REQUESTS)
        assert 78 in refused.value.exit_codes.values()
        assert "the schema is at revision 9001, which this release does not have" in str(refused.value)
        explained = await rollouts.deployment.pod.report()
    assert traffic.failed() == [], f"{traffic}\n{explained}"
