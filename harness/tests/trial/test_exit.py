"""How a trial ends as a command: its exit code, and what is told before."""

from pathlib import Path

import pytest

from harness.tests.trial.trials import WALL
from seatrial import cli
from seatrial.errors import ReportError
from seatrial.podman import client
from seatrial.trial import report, trying
from seatrial.trial.verdict import Claim, Finding, Trial, Verdict

BROKEN, NOT_RUN, HELD = Verdict.BROKEN, Verdict.NOT_RUN, Verdict.HELD


def trial(*verdicts: Verdict, evidence: str = "seen") -> Trial:
    """Return a trial that found a claim for each verdict."""
    findings = tuple(Finding(Claim(f"claim-{each}", ""), each, (evidence,)) for each in verdicts)
    return Trial("s", "podman", WALL, 1.0, {}, {}, findings, ())


def command(found: Trial | Exception, monkeypatch: pytest.MonkeyPatch, directory: Path) -> int:
    """Return the exit code of a command whose trial ends so."""

    async def tried(*_: object, **__: object) -> Trial:
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(client, "enter_namespace", lambda: None)
    monkeypatch.setattr(trying, "trial", tried)
    return cli.main(["trial", "tests/controls/good/nginx", "--report", str(directory)])


@pytest.mark.parametrize(("verdict", "code"), [(BROKEN, 1), (NOT_RUN, 2), (HELD, 2)])
def test_report_that_cannot_be_written_hides_nothing_that_was_found(
    verdict: Verdict, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is broken counts, and is told; it is no success, either."""

    def unwritable(*_: object) -> None:
        raise ReportError("no space left")

    monkeypatch.setattr(report, "write", unwritable)
    assert command(trial(verdict), monkeypatch, tmp_path) == code
    told = capsys.readouterr()
    assert ("1 held" if verdict is HELD else f"claim-{verdict}") in told.out
    assert "no space left" in told.err


def test_defect_of_the_harness_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was found broken: it could not be run, and the traceback is for who mends it."""
    assert command(IndexError("of the harness"), monkeypatch, tmp_path) == 2
    assert "IndexError: of the harness" in capsys.readouterr().err


def test_terminal_obeys_nothing_that_a_container_wrote(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither in the evidence nor in an error."""
    assert command(trial(BROKEN, evidence="\x1b[2J"), monkeypatch, tmp_path) == 1
    assert command(ReportError("\x1b]0;"), monkeypatch, tmp_path) == 2
    told = capsys.readouterr()
    assert (r"\x1b[2J" in told.out, r"\x1b]0;" in told.err) == (True, True)
    assert "\x1b" not in told.out + told.err
