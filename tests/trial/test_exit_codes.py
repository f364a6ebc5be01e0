"""The exit code of a trial that could not be run, and the one line that says why."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from seatrial.command import Command, Completed
from seatrial.terminal.progress import BEFORE

GOOD = "tests/controls/good/nginx"
COULD_NOT_RUN = 2
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: localhost/no-such-image:1}]}
"""


async def tried(*arguments: str, path: str | None = None) -> Completed:
    """Return what the command left."""
    env = {} if path is None else {"PATH": path}
    return await Command((sys.executable, "-m", "seatrial", "trial", *arguments), 60.0, env=env).run()


def overlay(directory: Path, manifests: str = DEPLOYMENT, trial_toml: str = "") -> str:
    """Write a YAML file, and what is said beside it."""
    (directory / "trial.toml").write_text(trial_toml)
    (directory / "all.yaml").write_text(manifests)
    return str(directory / "all.yaml")


def is_one_line(found: Completed, *said: str) -> bool:
    """Tell whether it could not be run, and one line says why."""
    told = [line for line in found.stderr.splitlines() if line and line != BEFORE and not line.startswith("tries ")]
    return found.returncode == COULD_NOT_RUN and len(told) == 1 and all(each in told[0] for each in said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-overlay"], "no-such-overlay cannot be read"),
        (["x" * 5000], "x"),
        (["pyproject.toml"], "pyproject.toml"),
        (["tests"], "tests is no overlay"),
        ([GOOD, "--image", "nginx"], "--image: given 'nginx'; allowed: NAME=REF"),
        ([GOOD, "--image", "nobody=localhost/x:1"], "no container uses the image nobody"),
        ([GOOD, "--runtime", "cluster"], "name the context to run against, by --context NAME"),
        ([GOOD, "--context", "kind"], "--context is for --runtime cluster"),
        ([GOOD, "--runtime", "cluster", "--context", "kind", "--keep"], "--keep is for --runtime podman"),
        ([GOOD, "--report", "pyproject.toml"], "the report's directory pyproject.toml"),
        ([GOOD, "--report", "/proc/report"], "the report's directory /proc/report"),
    ],
)
async def test_arguments_that_cannot_be_meant_are_one_line_and_exit_code_2(arguments: Sequence[str], said: str) -> None:
    """Before anything is played."""
    found = await tried(*arguments)
    assert is_one_line(found, said), (found.returncode, found.stderr)


@pytest.mark.parametrize(
    ("manifests", "trial_toml", "said"),
    [
        (DEPLOYMENT, "", "localhost/no-such-image:1"),
        (DEPLOYMENT, "port = 'many'", "port must be a whole number"),
        (DEPLOYMENT, "=", "is not TOML"),
        (DEPLOYMENT, "dependencies = ['nobody']", "names 'nobody'"),
        (DEPLOYMENT, "exempt = { nothing = 'because' }", "exempts nothing"),
        ("a: [", "", "is not YAML"),
        ("a: b", "", "no Kubernetes object"),
        (DEPLOYMENT.replace("name: web, image", "nom: web, image"), "", "'name' is a required property"),
        (DEPLOYMENT.replace("Deployment", "Service"), "", "has no Service in apps/v1"),
        ("{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {}}", "", "there is no Deployment"),
    ],
)
async def test_manifests_that_cannot_be_tried_are_one_line_and_exit_code_2(
    tmp_path: Path, manifests: str, trial_toml: str, said: str
) -> None:
    """What their owner can mend is named."""
    found = await tried(overlay(tmp_path, manifests, trial_toml))
    assert is_one_line(found, said), (found.returncode, found.stderr)


@pytest.mark.parametrize("mode", [None, 0o644])
async def test_podman_that_is_not_there_or_not_to_be_run_is_one_line_and_exit_code_2(
    tmp_path: Path, mode: int | None
) -> None:
    """It says what installs it."""
    (tmp_path / "bin").mkdir()
    if mode is not None:
        (tmp_path / "bin" / "podman").touch(mode)
    found = await tried(overlay(tmp_path), path=str(tmp_path / "bin"))
    assert is_one_line(found, "`podman` is not installed"), (found.returncode, found.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seatrial", "no-such-overlay"], "no-such-overlay"),
        (["--seatrial", str(Path(GOOD).resolve()), "--seatrial-report", "file"], "the report's directory file"),
    ],
)
async def test_pytest_ends_with_exit_code_2_as_well(tmp_path: Path, arguments: Sequence[str], said: str) -> None:
    """And the same words."""
    (tmp_path / "file").touch()
    found = await Command((sys.executable, "-m", "pytest", "-q", *arguments), 60.0, cwd=tmp_path).run()
    assert found.returncode == COULD_NOT_RUN
    assert said in found.stdout + found.stderr
    assert "Traceback" not in found.stdout + found.stderr
