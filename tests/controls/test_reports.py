"""The reports of what was tried: kept where somebody asks for them, each run's in a directory of its own."""

import sys
from pathlib import Path

import pytest

from tests.controls import __main__ as controls
from tests.controls import linted, result


def tried_in(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[Path]:
    """Return the directories that were made for what is tried."""
    made: list[Path] = []

    async def try_all(_: object, directory: Path, *__: object) -> None:
        made.append(directory)

    async def with_checkov(_: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(controls, "try_all", try_all)
    monkeypatch.setattr(linted, "with_checkov", with_checkov)
    monkeypatch.setattr(result, "write", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["", "latest", "--repeat", "2", *arguments])
    controls.main()
    return made


def test_each_run_has_reports_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A second run would be made where the first is; nobody asked, nothing is left."""
    assert tried_in(monkeypatch, "--reports", str(tmp_path / "new" / "reports")) == [
        tmp_path / "new" / "reports" / number for number in ("1", "2")
    ]
    assert not any(each.exists() for each in tried_in(monkeypatch))


@pytest.mark.parametrize(("given", "reason"), [("", "File exists"), ("file/new", "Not a directory")])
def test_reports_go_to_a_new_directory_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str, reason: str
) -> None:
    """One that is there may be anybody's."""
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as raised:
        tried_in(monkeypatch, "--reports", str(tmp_path / given))
    assert raised.value.code == 2
    assert f"given {str(tmp_path / given)!r}: {reason}; allowed: a new directory" in capsys.readouterr().err
