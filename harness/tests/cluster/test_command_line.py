"""`pytest tests/e2e --runtime cluster` on a simulated cluster: what it refuses, and that Ctrl-C leaves nothing."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from harness.tests.cluster.simulation.cluster import Cluster
from seatrial.cluster.kubeconfig import Context
from seatrial.command import Command, Completed
from seatrial.host.ports import free_port
from seatrial.manifests.kustomize import Object
from seatrial.waiting import eventually

CHECKOUT = Path(__file__).parents[3]
LIMIT_SECONDS = 60.0
AFTER = "tests/e2e/test_harness.py::test_nothing_is_left_behind_after_success"


@pytest.fixture
def config(context: Context, tmp_path: Path) -> Path:
    """Return a kubeconfig with the simulated cluster."""
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump({**context.configuration(tmp_path), "current-context": "production"}))
    return path


@pytest.fixture
def overlay(objects: list[Object], tmp_path: Path) -> Path:
    """Return the objects as a file."""
    path = tmp_path / "overlay.yaml"
    path.write_text(yaml.safe_dump_all(objects))
    return path


def argv(*options: str) -> tuple[str, ...]:
    """Return a command line."""
    return (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--runtime", "cluster", *options)


async def run(config: Path, *options: str) -> Completed:
    """Run it."""
    return await Command(argv(*options), LIMIT_SECONDS, cwd=CHECKOUT, env={"KUBECONFIG": str(config)}).run()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "name the context to run against, by --context NAME; the kubeconfig has simulated"),
        (("--context", "simulated"), "name the overlay to deploy on the cluster"),
        (("--context", "simulated", "--overlay", "podman", "--image", "it"), "--image it: give NAME=REF"),
    ],
)
async def test_run_is_refused_before_anything_is_created(
    config: Path, cluster: Cluster, options: tuple[str, ...], message: str
) -> None:
    """The current context is no default; one message, no traceback, and the server has seen nothing."""
    done = await run(config, "tests/e2e", *options)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not cluster.store.history


async def test_cluster_that_cannot_be_reached_ends_the_run_in_one_message(tmp_path: Path, overlay: Path) -> None:
    """By its address, once, whatever the number of tests."""
    address = f"http://127.0.0.1:{free_port()}"
    config = tmp_path / "config"
    config.write_text(yaml.safe_dump(Context("nowhere", {"server": address}, {}).configuration(tmp_path)))
    done = await run(config, "tests/e2e/test_harness.py", "--context", "nowhere", "--overlay", str(overlay))
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert (done.stdout + done.stderr).count(f"connecting to {address}") == 1
    assert "Traceback" not in done.stdout + done.stderr


async def test_test_of_the_suite_runs_on_the_cluster_and_leaves_nothing(
    config: Path, cluster: Cluster, overlay: Path
) -> None:
    """What it creates is said; the namespace was there, and is gone."""
    done = await run(config, AFTER, "--context", "simulated", "--overlay", str(overlay))
    assert done.returncode == 0, done.stdout
    assert "cluster: context simulated" in done.stdout
    assert "creating in context simulated" in done.stdout
    assert any("namespaces/seatrial-" in path for _, _, path, _ in cluster.store.history)
    assert not cluster.store.objects


async def test_test_that_is_for_podman_is_skipped_with_its_reason(config: Path, overlay: Path) -> None:
    """Visibly."""
    done = await run(config, "tests/e2e/test_front_door.py", "--context", "simulated", "--overlay", str(overlay))
    assert done.returncode == 0
    assert "podman only: `make up` is for this machine" in done.stdout


@pytest.fixture
async def interrupted(config: Path, cluster: Cluster, overlay: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Yield a run that was interrupted while its pods do not start."""
    cluster.conduct.hold_back = True
    process = await asyncio.create_subprocess_exec(
        *argv(AFTER, "--context", "simulated", "--overlay", str(overlay)),
        cwd=CHECKOUT,
        env={**os.environ, "KUBECONFIG": str(config)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    await eventually(lambda: any("/pods/" in path for path in cluster.store.objects), LIMIT_SECONDS, "there are pods")
    process.send_signal(signal.SIGINT)
    yield process
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_interrupted_run_leaves_nothing(interrupted: asyncio.subprocess.Process, cluster: Cluster) -> None:
    """Ctrl-C while it waits: the namespace is removed before it exits."""
    async with asyncio.timeout(LIMIT_SECONDS):
        output, _ = await interrupted.communicate()
    assert interrupted.returncode == pytest.ExitCode.INTERRUPTED, output.decode()
    assert not cluster.store.objects, output.decode()
