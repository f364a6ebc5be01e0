"""`seatrial doctor`: what is there, what is lacking, and what mends it."""

import json
from pathlib import Path

import pytest

from seatrial import cli

WORKS = {"version": {"Version": "6.9.0"}, "host": {"cgroupVersion": "v2", "cgroupManager": "systemd"}}


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the one directory of PATH, with kustomize in it; the machine has no kubeconfig."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    command(tmp_path / "kustomize", "true")
    return tmp_path


def command(path: Path, script: str) -> None:
    """Write a command."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def podman(commands: Path, version: str) -> None:
    """Have a podman of a version."""
    command(commands / "podman", f"echo '{json.dumps(WORKS | {'version': {'Version': version}})}'")


def test_machine_that_has_all_lacks_nothing(commands: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What only some deployments need is told, and does not count."""
    podman(commands, "6.9.0")
    assert cli.main(["doctor"]) == 0
    told = capsys.readouterr().out
    assert "podman: 6.9.0" in told
    assert "? clusters: no context" in told
    assert told.endswith("nothing is lacking\n")


@pytest.mark.parametrize(
    ("version", "said"),
    [(None, "! podman: none"), ("4.9.3", "! podman: 4.9.3"), ("broken", "does not work: no runtime")],
)
def test_podman_that_does_not_do_is_lacking(
    version: str | None, said: str, commands: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """None, one that is too old, and one that does not work."""
    if version == "broken":
        command(commands / "podman", "echo no runtime >&2; exit 1")
    elif version:
        podman(commands, version)
    assert cli.main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert said in told
    assert "mend: " in told
    assert told.endswith("lacking: podman\n")


def test_known_vulnerabilities_are_told_and_are_no_lack(commands: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A distribution may have mended them."""
    podman(commands, "5.4.2")
    assert cli.main(["doctor"]) == 0
    assert "CVE-2025-9566" in capsys.readouterr().out


def test_machine_without_kustomize_lacks_it(commands: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Kubectl would do, too."""
    podman(commands, "6.9.0")
    (commands / "kustomize").unlink()
    assert cli.main(["doctor"]) == 1
    assert "! kustomize: neither it nor kubectl" in capsys.readouterr().out
