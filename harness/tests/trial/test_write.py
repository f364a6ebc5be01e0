"""Writing the report: three files or a reason."""

from pathlib import Path

import pytest

from harness.tests.trial import trials
from seatrial.errors import HarnessError, ReportError
from seatrial.trial.report import JSON, JUNIT, PAGE, write

FILES = {JSON, JUNIT, PAGE}


def test_report_is_three_files_in_a_directory_that_is_made(tmp_path: Path) -> None:
    """And nothing beside them."""
    directory = tmp_path / "deep" / "report"
    write(trials.bad(), directory)
    assert {path.name for path in directory.iterdir()} == FILES


def test_report_replaces_the_last_one(tmp_path: Path) -> None:
    """All of it: no file is left of the trial before."""
    write(trials.bad(), tmp_path)
    write(trials.trial(), tmp_path)
    assert all("299 of 5,200" not in (tmp_path / name).read_text() for name in FILES)


def test_interrupted_write_leaves_the_last_report_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle of a file, which is then not under its name; the next run clears it away."""
    write(trials.bad(), tmp_path)
    before = {name: (tmp_path / name).read_text() for name in FILES}

    def killed(self: Path, text: str, **_: object) -> None:
        self.write_bytes(text[: len(text) // 2].encode())
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", killed)
        with pytest.raises(KeyboardInterrupt):
            write(trials.trial(), tmp_path)
    assert {name: (tmp_path / name).read_text() for name in FILES} == before
    write(trials.trial(), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == FILES


@pytest.mark.parametrize("below", ["", "below"])
def test_directory_that_cannot_be_is_one_clear_error(tmp_path: Path, below: str) -> None:
    """A file where the directory should be: the message has its path and says what would do."""
    (tmp_path / "file").write_text("not a directory")
    directory = tmp_path / "file" / below
    with pytest.raises(ReportError, match=f"{directory}: .*; give one that can be made and written") as caught:
        write(trials.trial(), directory)
    assert isinstance(caught.value, HarnessError)
    assert (tmp_path / "file").read_text() == "not a directory"
