"""The bootstrap as it is run, in a checkout of its own, on a machine whose tools are stand-ins."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bootstrap.tools import CHECKOUT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a checkout that has no more than the bootstrap reads, and no tools yet."""
    path = tmp_path / "checkout"
    shutil.copytree(CHECKOUT / "bootstrap", path / "bootstrap", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Containerfile", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, path / name)
    return path


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Give the directory of all programs that the machine has."""
    path = tmp_path / "programs"
    path.mkdir()
    return path


def bootstrap(checkout: Path, programs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the bootstrap where `programs` is all that PATH has."""
    return subprocess.run(
        [sys.executable, "-m", "bootstrap", *arguments],
        env={"PATH": str(programs), "HOME": str(checkout)},
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )


def install(programs: Path, name: str, prints: str) -> None:
    """Put a program into `programs` that prints one line."""
    (programs / name).write_text(f"#!/bin/sh\necho '{prints}'\n")
    (programs / name).chmod(0o755)


def test_check_names_what_is_missing_changes_nothing_and_exits_1(checkout: Path, programs: Path) -> None:
    """A machine without podman and kustomize is told so, in lines and without a traceback."""
    done = bootstrap(checkout, programs, "--check")
    assert done.returncode == 1
    assert "missing podman >= 5.1\n" in done.stderr
    assert "missing kustomize" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout / ".tools").exists()


def test_check_names_a_podman_below_the_floor_and_the_reason(checkout: Path, programs: Path) -> None:
    """An old podman is not found but missing, with its version and why it will not do."""
    install(programs, "podman", "podman version 4.3.1")
    done = bootstrap(checkout, programs, "--check")
    assert done.returncode == 1
    assert "missing podman >= 5.1: found 4.3.1, but" in done.stderr


def machine(programs: Path) -> None:
    """Give the machine all that is needed."""
    install(programs, "podman", "podman version 5.4.2")
    install(programs, "uv", "uv 0.99.0")
    for name in ("kubectl", "runc", "newuidmap", "newgidmap"):
        install(programs, name, "")


def test_a_machine_that_has_it_all_is_told_which_and_the_next_call_asks_no_program(
    checkout: Path, programs: Path
) -> None:
    """What was found is kept while nothing changes, and looked for again when a program does."""
    machine(programs)
    first = bootstrap(checkout, programs)
    assert first.returncode == 0, first.stderr
    assert f"podman 5.4.2 ({programs}/podman), uv 0.99.0 ({programs}/uv), kubectl (" in first.stderr
    asked = programs.parent / "asked"
    for name in ("podman", "uv"):
        text = (programs / name).read_text()
        (programs / name).write_text(f"{text.replace('5.4.2', '5.9.2')}echo asked >>{asked}\n")
    changed = bootstrap(checkout, programs)
    assert "podman 5.9.2 (" in changed.stderr
    assert asked.exists(), "a program that has changed is asked again"
    asked.unlink()
    again = bootstrap(checkout, programs)
    assert again.returncode == 0
    assert "podman 5.9.2 (" in again.stderr
    assert not asked.exists(), "programs that have not changed are not"


def test_a_podman_that_does_not_work_is_told_in_its_own_words(checkout: Path, programs: Path) -> None:
    """Nothing is kept then."""
    machine(programs)
    (programs / "podman").write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo podman version 5.4.2 && exit\necho no way >&2; exit 125\n'
    )
    for _ in range(2):
        done = bootstrap(checkout, programs)
        assert done.returncode == 1
        assert done.stderr.endswith("podman is installed but does not work here; `podman info` says:\n  no way\n")


def test_a_tool_that_the_machine_cannot_run_is_missing(checkout: Path, programs: Path) -> None:
    """Half a file, or another architecture's program, is not taken for the tool, nor a reason to give up."""
    (programs / "podman").write_bytes(b"\x7fELF")
    (programs / "podman").chmod(0o755)
    done = bootstrap(checkout, programs, "--check")
    assert "missing podman" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("extra", ["podman", "--chekc"])
def test_unknown_arguments_exit_2_and_name_what_is_allowed(checkout: Path, programs: Path, extra: str) -> None:
    """A mistyped argument is refused."""
    done = bootstrap(checkout, programs, extra)
    assert done.returncode == 2
    assert extra in done.stderr
