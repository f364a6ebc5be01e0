"""By which names the checkout's own programs are found."""

import os
import subprocess
from pathlib import Path

import pytest

from bootstrap import tools


@pytest.mark.parametrize("place", [".tools", "sea trïal's $HOME/.tools"])
def test_a_program_of_a_tree_runs_with_what_it_needs_from_any_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Its own programs come before the system's, and podman's settings are the checkout's unless others are given."""
    root = tmp_path / place
    monkeypatch.setattr(tools, "TOOLS", root)
    monkeypatch.setattr(tools, "BIN", root / "bin")
    program = root / "podman/usr/bin/podman"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$1" "$CONTAINERS_CONF_OVERRIDE" "$PATH"\n')
    program.chmod(0o755)
    tools.expose("podman")
    environment = {"PATH": os.defpath}
    argv = (root / "bin/podman", "a b")
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    first, conf, path = done.stdout.splitlines()
    assert (first, conf) == ("a b", str(root / "containers.conf"))
    assert path.startswith(f"{root}/podman/usr/bin:{root}/podman/usr/sbin:")
    given = environment | {"CONTAINERS_CONF_OVERRIDE": "/given"}
    assert "\n/given\n" in subprocess.run(argv, env=given, capture_output=True, text=True, check=True).stdout
    tools.hide("podman")
    assert not (root / "bin/podman").exists()


def test_a_file_is_written_only_when_it_is_not_there_as_it_should_be(tmp_path: Path) -> None:
    """So its time tells when it changed, and nobody reads half of it."""
    path = tmp_path / "new" / "file"
    assert tools.write(path, "a\n")
    assert not tools.write(path, "a\n")
    assert tools.write(path, "b\n")
    assert path.read_text() == "b\n"
    assert [inner.name for inner in path.parent.iterdir()] == ["file"]
