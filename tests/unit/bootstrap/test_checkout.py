"""Where the bootstrap cannot work, and the one line that says so."""

import errno
import os
from pathlib import Path

import pytest

from bootstrap.checkout import explain, inspect
from bootstrap.errors import BootstrapError


@pytest.fixture
def a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge by the mode alone, as for a user: root may write everywhere."""
    monkeypatch.setattr(os, "access", lambda path, _: bool(Path(path).stat().st_mode & 0o200))


@pytest.mark.parametrize("name", ["plain", "with a space", "Prüfstand"])
def test_a_checkout_is_taken_wherever_path_can_name_it(tmp_path: Path, name: str) -> None:
    """Spaces and letters beyond ASCII are no reason to refuse."""
    (tmp_path / name / ".tools" / "uv").mkdir(parents=True)
    inspect(tmp_path / name)


def test_a_checkout_with_a_colon_in_its_path_is_refused(tmp_path: Path) -> None:
    """No tool in it could be found by PATH."""
    (tmp_path / "a:b").mkdir()
    with pytest.raises(BootstrapError, match="has a colon"):
        inspect(tmp_path / "a:b")


@pytest.mark.usefixtures("a_user")
@pytest.mark.parametrize("strange", [".tools", ".tools/uv", ".venv/lib"])
def test_what_root_has_made_is_named_with_the_command_that_gives_it_back(tmp_path: Path, strange: str) -> None:
    """A directory that cannot be written to, at the top or within, is named by its top."""
    (tmp_path / strange).mkdir(parents=True)
    (tmp_path / strange).chmod(0o555)
    with pytest.raises(BootstrapError, match=rf"sudo chown -R \d+:\d+ {tmp_path / Path(strange).parts[0]}`"):
        inspect(tmp_path)


@pytest.mark.usefixtures("a_user")
def test_somebody_elses_checkout_is_not_asked_of_root(tmp_path: Path) -> None:
    """Where nothing may be made in the checkout itself, a clone is the way."""
    (tmp_path / "theirs").mkdir(mode=0o555)
    with pytest.raises(BootstrapError, match="a clone of your own"):
        inspect(tmp_path / "theirs")


def test_explain_says_one_line_with_the_file_and_what_to_do(tmp_path: Path) -> None:
    """A full disk, a file of root's and anything else each have a line, and only root's files a chown."""
    full = explain(OSError(errno.ENOSPC, "No space left on device", str(tmp_path / ".tools/x")), tmp_path)
    assert full == f"{tmp_path}/.tools/x: No space left on device; free some space, then try again"
    roots = explain(PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".tools/x")), tmp_path)
    assert f"chown -R {os.getuid()}:{os.getgid()} {tmp_path}/.tools`" in roots
    other = explain(PermissionError(errno.EACCES, "Permission denied", "/etc/passwd"), tmp_path)
    assert other == "/etc/passwd: Permission denied; mend that, then try again"
