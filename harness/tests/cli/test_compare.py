"""`seatrial compare`: only what is newly broken fails."""

from pathlib import Path

import pytest

from harness.tests.trial import trials
from seatrial import cli
from seatrial.trial.report.document import Document
from seatrial.trial.verdict import Breach, Claim, Finding, Verdict

HELD, BROKEN, NOT_RUN = Verdict.HELD, Verdict.BROKEN, Verdict.NOT_RUN


def report(path: Path, verdict: Verdict, *objects: str) -> Path:
    """Write a report of one claim, broken by these objects where any are named."""
    breaches = tuple(Breach(each, each, "why") for each in objects)
    finding = Finding(Claim("one", "It is one."), verdict, ("seen",), breaches=breaches)
    path.mkdir()
    (path / "trial.json").write_text(Document.of(trials.trial(finding)).json_text())
    return path


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ((HELD,), (BROKEN,), 1, "newly broken: one: seen"),
        ((NOT_RUN,), (BROKEN,), 1, "newly broken: one"),
        ((BROKEN,), (BROKEN,), 0, "0 newly broken, 0 mended, 0 newly untold; 1 as before"),
        ((BROKEN, "Pod a"), (BROKEN, "Pod a", "Pod b"), 1, "newly broken: one"),
        ((BROKEN, "Pod a", "Pod b"), (BROKEN, "Pod a"), 0, "0 newly broken"),
        ((BROKEN,), (HELD,), 0, "mended: one"),
        ((HELD,), (NOT_RUN,), 0, "newly untold: one"),
    ],
)
def test_only_what_is_newly_broken_fails(
    *,
    old: tuple[Verdict, *tuple[str, ...]],
    new: tuple[Verdict, *tuple[str, ...]],
    code: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A claim that was broken before is newly broken by an object that was not."""
    before, after = report(tmp_path / "old", *old), report(tmp_path / "new", *new)
    assert cli.main(["compare", str(before), str(after / "trial.json")]) == code
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read"), ("{}", "is no report"), ("no", "is no report")]
)
def test_what_is_no_report_is_one_line(
    content: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2: nothing was compared."""
    file = tmp_path / "trial.json"
    if content is not None:
        file.write_text(content)
    assert cli.main(["compare", str(file), str(file)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
