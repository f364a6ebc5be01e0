"""The pytest plugin: a test for each claim, of a trial that is stood in for here."""

from pathlib import Path
from typing import Any

import pytest

from harness.tests.trial import trials
from seatrial.errors import ManifestError, ReportError
from seatrial.pytest_plugin import COULD_NOT_RUN
from seatrial.trial import catalogue, report, trying
from seatrial.trial.verdict import Claim, Finding, Trial, Verdict

pytest_plugins = ["pytester"]

CLAIMS = [Claim(name, f"{name} is promised.") for name in ("one", "two", "three.more")]


def findings(*verdicts: Verdict) -> Trial:
    """Return a trial that found these of the claims."""
    return trials.trial(
        *(Finding(claim, verdict, ("it was seen",)) for claim, verdict in zip(CLAIMS, verdicts, strict=True))
    )


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what runs pytest on a deployment of which a trial says the verdicts given."""

    def runs(result: Trial | Exception, *arguments: str) -> pytest.RunResult:
        async def tries(path: Path, **_: Any) -> Trial:
            assert path == pytester.path / "overlay"
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(catalogue, "claims", lambda: CLAIMS)
        monkeypatch.setattr(trying, "trial", tries)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "--seatrial", "overlay", *arguments)

    return runs


def test_what_held_passes_and_what_does_not_apply_is_skipped(run: Any) -> None:
    """A test has its claim's id as its name."""
    ended = run(findings(Verdict.HELD, Verdict.NOT_APPLICABLE, Verdict.HELD), "-v")
    ended.assert_outcomes(passed=2, skipped=1)
    ended.stdout.fnmatch_lines(["overlay::one PASSED*", "overlay::two SKIPPED*", "overlay::three.more PASSED*"])


def test_what_is_broken_fails_with_its_sentence_and_evidence(run: Any) -> None:
    """There is no traceback; pytest's own exit code for a failed test stays."""
    ended = run(findings(Verdict.HELD, Verdict.BROKEN, Verdict.NOT_RUN))
    ended.assert_outcomes(passed=1, failed=2)
    ended.stdout.fnmatch_lines(["broken: two is promised.", "it was seen"])
    ended.stdout.no_fnmatch_line("*Traceback*")
    assert ended.ret == pytest.ExitCode.TESTS_FAILED


def test_what_could_not_be_told_alone_ends_with_the_exit_code_of_the_command(run: Any) -> None:
    """It is no success either."""
    assert run(findings(Verdict.HELD, Verdict.NOT_RUN, Verdict.HELD)).ret == COULD_NOT_RUN


def test_failure_of_another_test_is_not_hidden_by_what_could_not_be_told(run: Any, pytester: pytest.Pytester) -> None:
    """Then it is pytest's own exit code."""
    pytester.makepyfile("def test_other():\n    assert False\n")
    assert run(findings(Verdict.HELD, Verdict.NOT_RUN, Verdict.HELD)).ret == pytest.ExitCode.TESTS_FAILED


def test_trial_that_cannot_be_run_is_one_message(run: Any) -> None:
    """It is what the command says."""
    ended = run(ManifestError("overlay: there is no Deployment in it"))
    assert ended.ret == COULD_NOT_RUN
    ended.stdout.fnmatch_lines(["*overlay: there is no Deployment in it*"])
    ended.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize(("verdict", "code"), [(Verdict.HELD, COULD_NOT_RUN), (Verdict.BROKEN, 1)])
def test_report_that_cannot_be_written_hides_nothing_that_was_found(
    run: Any, monkeypatch: pytest.MonkeyPatch, verdict: Verdict, code: int
) -> None:
    """The tests have told it; a success it is not."""

    def full(*_: object) -> None:
        raise ReportError("no space left")

    monkeypatch.setattr(report, "write", full)
    ended = run(findings(Verdict.HELD, Verdict.HELD, verdict), "--seatrial-report", "report")
    ended.assert_outcomes(passed=2 + (code != 1), failed=int(code == 1))
    ended.stderr.fnmatch_lines(["no space left"])
    assert ended.ret == code


def test_pytest_without_the_option_collects_no_claims(pytester: pytest.Pytester) -> None:
    """Whoever installs the tool for its command notices nothing of the plugin."""
    pytester.makepyfile("def test_own():\n    pass\n")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
