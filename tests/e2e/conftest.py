"""The runtime, the overlay that is tested in it, and the image under test."""

import asyncio
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from images import service
from seatrial.cluster import kubeconfig
from seatrial.cluster.objects import parse_images
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import HarnessError
from seatrial.kubelet.runtime import PodmanRuntime
from seatrial.manifests.kustomize import Object, parse, render
from seatrial.runtime import Runtime
from tests.e2e.objects import service_pod_spec
from tests.overlays import overlay_path

CONTROLS = Path(__file__).parents[1] / "controls"
ONLY = {"podman_only": "podman", "cluster_only": "cluster"}


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what would be a surprise, before anything is created."""
    if config.getoption("--runtime") == "podman":
        if config.getoption("--context") or config.getoption("--image"):
            raise pytest.UsageError("--context and --image are for --runtime cluster")
        return
    try:
        kubeconfig.find(config.getoption("--context"))
        parse_images(config.getoption("--image"))
        if not config.getoption("--overlay"):
            raise pytest.UsageError("name the overlay to deploy on the cluster, by --overlay kustomize/overlays/NAME")
        overlay_path(config.getoption("--overlay"))
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip, with its reason, what makes no sense in the runtime."""
    for item in items:
        for marker, runtime in ONLY.items():
            found = item.get_closest_marker(marker)
            if found and runtime != config.getoption("--runtime"):
                item.add_marker(pytest.mark.skip(reason=f"{runtime} only: {found.args[0]}"))


@pytest.fixture(scope="session", autouse=True)
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    """Yield the runtime: podman with the image built from the checkout as it is, or a cluster that has it."""
    config = request.config
    if config.getoption("--runtime") == "podman":

        async def build() -> None:
            await service.built(tell=print)

        asyncio.run(build())
        yield PodmanRuntime()
        return
    context, given = kubeconfig.find(config.getoption("--context")), parse_images(config.getoption("--image"))
    cluster = ClusterRuntime(context, given, lambda line: _tell(config, line))
    try:
        asyncio.run(cluster.begin())
    except HarnessError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
    try:
        yield cluster
    finally:
        asyncio.run(cluster.end())


@pytest.fixture
def overlay(request: pytest.FixtureRequest) -> Path:
    """Return the overlay under test."""
    return overlay_path(request.config.getoption("--overlay") or "podman")


@pytest.fixture
async def tutorial(runtime: Runtime, overlay: Path) -> list[Object]:
    """Return the control that drops requests: its own overlay, or on a cluster its patch on the one under test."""
    control = CONTROLS / "tutorial"
    if runtime.name == "podman":
        return await render(control)
    patch_file = control / "deployment.yaml"
    (patch,) = parse(patch_file.read_text(), str(patch_file))
    objects = await render(overlay)
    (container,) = patch["spec"]["template"]["spec"]["containers"]
    for each in service_pod_spec(objects)["containers"]:
        if each["name"] == container["name"]:
            each.update(container)
    return objects


def _tell(config: pytest.Config, line: str) -> None:
    """Write a line to the terminal, past the capture of tests' output: what is created is said before it is."""
    capture, terminal = (config.pluginmanager.get_plugin(name) for name in ("capturemanager", "terminalreporter"))
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        if terminal:
            terminal.write_line(line)
