"""What puts the tool into others' hands: the GitHub action and the hook of pre-commit, run as they run it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.tests.test_wheel import DEPLOYMENT, HARNESS, wheel

__all__ = ["wheel"]

ROOT = HARNESS.parent
LIMIT_SECONDS = 600.0


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return somebody's repository, with manifests that break claims."""
    place = tmp_path / "shop"
    (place / "deploy").mkdir(parents=True)
    (place / "deploy" / "web.yaml").write_text(DEPLOYMENT)
    for command in (("git", "init", "--quiet"), ("git", "add", ".")):
        assert run(*command, cwd=place).returncode == 0
    return place


def run(*argv: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command and return what it left."""
    env = {**os.environ, "PYTHONPATH": "", **environment}
    return subprocess.run(argv, cwd=cwd, env=env, timeout=LIMIT_SECONDS, capture_output=True, text=True, check=False)


def step(identity: str) -> dict[str, Any]:
    """Return a step of the action."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    found: dict[str, Any] = next(step for step in action["runs"]["steps"] if step.get("id") == identity)
    return found


def test_action_annotates_what_is_broken_and_writes_sarif(repository: Path, tmp_path: Path) -> None:
    """Its own script, with the inputs' defaults, by pipx, which GitHub's runners have."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pipx").write_text('#!/bin/sh\nexec uv tool run --quiet pipx "$@"\n')
    (tmp_path / "bin" / "pipx").chmod(0o755)
    given = {"GIVEN_PATH": ".", "GIVEN_FOR": "", "GIVEN_BASELINE": "", "GIVEN_SARIF": "seatrial.sarif"}
    assert given.keys() | {"SEATRIAL"} == step("check")["env"].keys()
    summary, places = tmp_path / "summary.md", {"PIPX_HOME": str(tmp_path / "pipx")}
    done = run(
        *("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step("check")["run"]),
        cwd=repository,
        PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        SEATRIAL=str(HARNESS),
        GITHUB_STEP_SUMMARY=str(summary),
        **given,
        **places,
    )
    assert done.returncode == 1, done.stderr
    assert "::warning file=deploy/web.yaml,line=" in done.stdout
    results = json.loads((repository / "seatrial.sarif").read_text())["runs"][0]["results"]
    assert {found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for found in results} == {
        "deploy/web.yaml"
    }
    assert "images-are-pinned" in summary.read_text()


def test_hook_of_pre_commit_fails_on_what_is_broken(repository: Path, wheel: Path, tmp_path: Path) -> None:
    """With the wheel of this version as the package index would have it."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    config = {"repos": [{"repo": "local", "hooks": [hook]}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    places = {"UV_FIND_LINKS": str(wheel.parent), "PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}
    done = run("uv", "tool", "run", "--quiet", "pre-commit", "run", "--all-files", cwd=repository, **places)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "images-are-pinned" in done.stdout
