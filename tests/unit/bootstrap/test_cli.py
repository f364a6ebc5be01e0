"""The bootstrap as it is run, on a machine whose tools are stand-ins."""

import subprocess
import sys
from pathlib import Path

import pytest

from bootstrap.cli import CHECKOUT


def bootstrap(tools: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the bootstrap where `tools` is all that PATH has."""
    return subprocess.run(
        [sys.executable, "-m", "bootstrap", *arguments],
        env={"PATH": str(tools)},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


def install(tools: Path, name: str, prints: str) -> None:
    """Put a program into `tools` that prints one line."""
    (tools / name).write_text(f"#!/bin/sh\necho '{prints}'\n")
    (tools / name).chmod(0o755)


def test_check_names_what_is_missing_and_exits_1(tmp_path: Path) -> None:
    """A machine without podman and kustomize is told so, in lines and without a traceback."""
    done = bootstrap(tmp_path, "--check")
    assert done.returncode == 1
    assert "missing podman >= 5.1\n" in done.stderr
    assert "missing kustomize" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_names_a_podman_below_the_floor_and_the_reason(tmp_path: Path) -> None:
    """An old podman is not found but missing, with its version and why it will not do."""
    install(tmp_path, "podman", "podman version 4.3.1")
    done = bootstrap(tmp_path, "--check")
    assert done.returncode == 1
    assert "found podman" not in done.stderr
    assert "missing podman >= 5.1: found 4.3.1, but" in done.stderr


def test_check_finds_tools_that_are_there(tmp_path: Path) -> None:
    """What is there is said, and is not missing."""
    install(tmp_path, "podman", "podman version 5.4.2")
    install(tmp_path, "kubectl", "")
    done = bootstrap(tmp_path, "--check")
    assert "found podman 5.4.2\n" in done.stderr
    assert "found kubectl\n" in done.stderr
    assert "missing podman" not in done.stderr
    assert "missing kustomize" not in done.stderr


def test_a_tool_that_the_machine_cannot_run_is_missing(tmp_path: Path) -> None:
    """Half a file, or another architecture's program, is not taken for the tool, nor a reason to give up."""
    (tmp_path / "podman").write_bytes(b"\x7fELF")
    (tmp_path / "podman").chmod(0o755)
    done = bootstrap(tmp_path, "--check")
    assert "missing podman" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("extra", ["podman", "--chekc"])
def test_unknown_arguments_exit_2_and_name_what_is_allowed(tmp_path: Path, extra: str) -> None:
    """A mistyped argument is refused."""
    done = bootstrap(tmp_path, extra)
    assert done.returncode == 2
    assert extra in done.stderr
