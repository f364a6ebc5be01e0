"""What is done to a machine, seen by an apt-get that only writes down how it is called."""

from dataclasses import replace
from pathlib import Path

import pytest

from bootstrap.bring import Bringer
from bootstrap.errors import BootstrapError
from bootstrap.host import Host
from tests.unit.bootstrap.hosts import DEBIAN_13_USER

ROOT = replace(DEBIAN_13_USER, root=True)
ADDS = "Inst chromium (156.0 Debian:13.4/stable [amd64])"
UPGRADES = f"Inst libc6 [2.36-9] (2.41-12 Debian:13.4/stable [amd64])\n{ADDS}"


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let apt-get and apt-cache write down their last words, one call a line; `plan` is what a simulation prints."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, prints in (
        ("apt-get", f"cat {tmp_path}/plan"),
        ("apt-cache", "printf 'Package: chromium\\nSize: 81200000\\n'"),
    ):
        program = programs / name
        program.write_text(
            f'#!/bin/sh\nfor last; do :; done\necho "{name} $last $*" >>{tmp_path}/calls\n'
            f'case "$*" in *--simulate*|*show*) {prints};; esac\n'
        )
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return tmp_path / "calls"


def installations(calls: Path) -> list[str]:
    """Return the calls that installed something."""
    return [line for line in calls.read_text().splitlines() if " install " in line and "--simulate" not in line]


def bring(host: Host, calls: Path, plan: str, *, check: bool = False) -> None:
    """Bring chromium where apt plans that."""
    (calls.parent / "plan").write_text(f"{plan}\n")
    Bringer(host, calls.parent / "apt", check=check).bring("chromium")


def test_packages_are_shown_by_name_and_size_and_then_added(calls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Removing anything is forbidden to apt itself, which uses no list of the machine's but its own fresh ones."""
    bring(ROOT, calls, ADDS)
    shown = capsys.readouterr().err
    assert "to be added to the system for chromium, which changes nothing that is there: 1 package, 81.2 MB" in shown
    assert "  chromium 156.0 81.2 MB\n" in shown
    (installed,) = installations(calls)
    assert "--no-remove --no-install-recommends install chromium" in installed
    assert f"--option=Dir::State::Lists={calls.parent}/apt/system/lists" in installed


def test_a_check_shows_the_same_and_adds_nothing(calls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the lists are fetched, and a simulation run."""
    bring(ROOT, calls, ADDS, check=True)
    assert "  chromium 156.0 81.2 MB\n" in capsys.readouterr().err
    assert installations(calls) == []


def test_a_plan_that_would_upgrade_something_is_refused_and_nothing_done(calls: Path) -> None:
    """The list says what would have been changed."""
    with pytest.raises(BootstrapError, match=r"change what this system has: replace libc6 \(2\.36-9 by 2\.41-12\)"):
        bring(ROOT, calls, UPGRADES)
    assert installations(calls) == []


def test_a_user_gets_the_command_for_root_and_nothing_is_done(calls: Path) -> None:
    """What it would add is shown to the user, too."""
    with pytest.raises(BootstrapError, match=r"chromium 156\.0 81\.2 MB\n\n  sudo apt-get install .* chromium\n"):
        bring(DEBIAN_13_USER, calls, ADDS)
    assert installations(calls) == []
