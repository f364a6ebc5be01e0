"""The stand-in for Debian: a root file system, by programs that only write down what they are asked."""

import subprocess
import sys
from pathlib import Path

import pytest

from images.service import STAND_INS

MAKE = STAND_INS / "debian" / "make"
ACCEPTED = 'Acquire::Check-Valid-Until "false";'


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return a directory with an apt-config that accepts an old index, and an mmdebstrap that notes what it is told."""
    scripts = {"apt-config": f"echo '{ACCEPTED}'", "mmdebstrap": f'printf "%s\\n" "$@" >{tmp_path}/asked'}
    for name, script in scripts.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def run(programs: Path, *, root: bool) -> subprocess.CompletedProcess[str]:
    """Make a root of Debian testing, as root or as a normal user, with nothing to install."""
    start = (
        "import os, runpy, subprocess, sys\n"
        f"os.geteuid = lambda: {0 if root else 1000}\n"
        "sys.executable = 'true'\n"
        f"sys.argv = ['make', 'forky-slim', '{programs}/root.tar']\n"
        f"runpy.run_path({str(MAKE)!r}, run_name='__main__')\n"
    )
    env = {"PATH": f"{programs}:/usr/bin:/bin"}
    return subprocess.run((sys.executable, "-c", start), env=env, capture_output=True, text=True, check=False)


def test_root_is_made_by_what_this_machine_accepts_of_mirrors(programs: Path) -> None:
    """A release in the making has an index that expires, and mmdebstrap reads none of the machine's apt settings."""
    assert run(programs, root=True).returncode == 0
    asked = (programs / "asked").read_text().splitlines()
    assert f"--aptopt={ACCEPTED}" in asked
    assert asked[-2:] == ["forky", f"{programs}/root.tar"]


def test_normal_user_is_told_what_would_help(programs: Path) -> None:
    """Nothing is asked of mmdebstrap."""
    refused = run(programs, root=False)
    assert (refused.returncode, "reach a registry, or run as root" in refused.stderr) == (1, True)
    assert not (programs / "asked").exists()
