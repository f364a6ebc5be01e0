"""The wheel: what is in it, and that it works where nothing else is: no checkout, no podman, no kustomize."""

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

HARNESS = Path(__file__).parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
LIMIT_SECONDS = 600.0
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "web:latest"}]
"""


def run(*argv: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command and return what it left."""
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", **environment}
    return subprocess.run(argv, env=env, timeout=LIMIT_SECONDS, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as a release does."""
    directory = tmp_path_factory.mktemp("wheel")
    built = run("uv", "build", "--quiet", "--wheel", f"--out-dir={directory}", HARNESS)
    assert built.returncode == 0, built.stderr
    (path,) = directory.glob("*.whl")
    return path


def test_wheel_has_the_package_with_its_templates_and_nothing_else(wheel: Path) -> None:
    """No tests, and no module of another name that would take somebody's place."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"seatrial"}
    assert {"seatrial/trial/report/page.html.jinja", "seatrial/schemas/trial.schema.json"} <= set(names)
    assert not any(Path(name).name.startswith("test_") for name in names)


@pytest.mark.parametrize("python", PYTHONS)
def test_installed_alone_the_command_judges_yaml(wheel: Path, tmp_path: Path, python: str) -> None:
    """On each Python, in an empty environment, with no other command on PATH."""
    made = run("uv", "venv", "--quiet", f"--python={python}", tmp_path / "venv")
    if "No interpreter found" in made.stderr or "not found" in made.stderr:
        pytest.skip(f"there is no Python {python} on this machine")
    assert made.returncode == 0, made.stderr
    installed = run("uv", "pip", "install", "--quiet", f"--python={tmp_path / 'venv'}", wheel)
    assert installed.returncode == 0, installed.stderr
    (tmp_path / "all.yaml").write_text(DEPLOYMENT)
    commands = tmp_path / "venv" / "bin"
    judged = run(commands / "seatrial", "check", tmp_path / "all.yaml", PATH=str(commands), PYTHONPATH="")
    assert judged.returncode == 1, judged.stderr
    assert "images-are-pinned" in judged.stdout
    assert "Traceback" not in judged.stderr
