"""The formats: each says the same, to those it is for, and nothing that a deployment wrote breaks out of one."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from seatrial.check.formats import FORMATS, Output, output, write
from seatrial.errors import ManifestError, ReportError
from seatrial.trial.verdict import Breach, Claim, Finding, Trial, Verdict

PINNED = Claim("yaml.images-are-pinned", "Every image has an exact tag.", static=True)
UNKNOWN = Claim("ours.alone", "Nobody else has it.")
NASTY = "50%: a,b\r\n::error::c | d <b> \x1b[31m"


def trial(*findings: Finding) -> Trial:
    """Return a check with these findings."""
    return Trial("k8s", "none", datetime(2026, 1, 1, tzinfo=UTC), 0.1, {}, {"objects": 3}, findings, ())


def broken(*breaches: Breach, exempt: str | None = None) -> Finding:
    """Return a claim as broken at these places."""
    return Finding(PINNED, Verdict.BROKEN, tuple(each.text for each in breaches), exempt=exempt, breaches=breaches)


def sarif(found: Trial) -> dict[str, Any]:
    """Return the run, after all of it was held to the schema's own types, which know each field and no other."""
    text = FORMATS["sarif"](found)
    Sarif.model_validate_json(text)
    (run,) = json.loads(text)["runs"]
    return dict(run)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with a file, one of whose directories is the current one."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "k8s" / "a b").mkdir(parents=True)
    (tmp_path / "k8s" / "a b" / "pod.yaml").write_text("kind: Pod\n")
    monkeypatch.chdir(tmp_path / "k8s")
    return tmp_path


def at(repository: Path, text: str = "no exact tag", exempt: str | None = None) -> Breach:
    """Return a breach in the repository's file."""
    return Breach("Pod a", "Pod a, container b", text, str(repository / "k8s/a b/pod.yaml"), 7, exempt)


def test_sarif_names_rule_level_line_and_remedy(repository: Path) -> None:
    """The address is from the repository's root, whatever the current directory, and escaped."""
    run = sarif(trial(broken(at(repository)), Finding(UNKNOWN, Verdict.HELD, ())))
    (result,) = run["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "k8s/a%20b/pod.yaml", "uriBaseId": "%SRCROOT%"}
    assert physical["region"] == {"startLine": 7}
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert (rule["id"], result["ruleId"], result["level"]) == (PINNED.id, PINNED.id, "warning")
    assert rule["helpUri"].endswith("/docs/claims/yaml.images-are-pinned.md")
    assert PINNED.advice
    assert PINNED.advice.remedy in result["message"]["text"]


def test_sarif_has_results_where_there_are_none() -> None:
    """Else an upload closes nothing."""
    run = sarif(trial(Finding(PINNED, Verdict.HELD, ("1 image",))))
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


def test_sarif_suppresses_what_is_excused(repository: Path) -> None:
    """With the reason."""
    run = sarif(trial(broken(at(repository, exempt="a mirror pins it"), at(repository))))
    assert [each.get("suppressions") for each in run["results"]] == [
        [{"kind": "external", "justification": "a mirror pins it"}],
        None,
    ]


def test_sarif_tells_what_could_not_be_told(repository: Path) -> None:
    """As the tool's own trouble, for it is no result."""
    run = sarif(trial(Finding(PINNED, Verdict.NOT_RUN, ("malformed",), breaches=(at(repository, "no YAML"),))))
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [each["message"]["text"] for each in invocation["toolExecutionNotifications"]] == ["no YAML"]
    assert run["results"] == []


def test_sarif_fingerprint_stays_where_lines_and_numbers_change(repository: Path) -> None:
    """An alert that somebody closed stays closed."""
    one, other = (sarif(trial(broken(each)))["results"][0] for each in (at(repository), at(repository, "latest")))
    assert one["partialFingerprints"] == other["partialFingerprints"]


def test_github_escapes_what_would_be_another_command(repository: Path) -> None:
    """A line of its own in a text would be one."""
    lines = FORMATS["github"](trial(broken(at(repository, NASTY)))).splitlines()
    (line,) = lines
    assert line.startswith("::warning file=k8s/a b/pod.yaml,line=7,title=yaml.images-are-pinned::Pod a, container b: ")
    assert "50%25: a,b%0D%0A::error::c" in line


def test_github_tells_neither_what_is_excused_nor_what_held(repository: Path) -> None:
    """But what could not be told, it does."""
    found = trial(
        broken(at(repository, exempt="old"), exempt="old"),
        Finding(UNKNOWN, Verdict.HELD, ()),
        Finding(UNKNOWN, Verdict.NOT_RUN, ("who knows",)),
    )
    assert FORMATS["github"](found) == "::error title=ours.alone::Nobody else has it.%0Awho knows\n"


def test_github_adds_to_the_summary_of_the_job(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is one."""
    found = trial(broken(at(repository)))
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    write(found, [Output("github")], StringIO())
    summary = repository / "summary"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    write(found, [Output("github")], StringIO())
    assert summary.read_text() == "before\n" + FORMATS["markdown"](found)


def test_markdown_is_a_table_that_no_text_breaks_out_of(repository: Path) -> None:
    """Not by a bar, a tag or a line's end."""
    lines = FORMATS["markdown"](trial(broken(at(repository, NASTY)))).splitlines()
    (row,) = (line for line in lines if "container b" in line)
    assert row.count(" | ") == 4
    assert "\\| d &lt;b&gt; \\x1b\\[31m" in row
    assert "`k8s/a b/pod.yaml:7`" in row


def test_text_has_the_verdict_first(repository: Path) -> None:
    """Then what is broken with place and remedy, what could not be told, and the counts."""
    many = [at(repository)] * 7
    found = trial(broken(*many), Finding(UNKNOWN, Verdict.NOT_RUN, ("who knows",)))
    lines = FORMATS["text"](found).splitlines()
    assert lines[0] == "broken: 1 claim at 7 places (1 warning)"
    assert "  a b/pod.yaml:7: Pod a, container b: no exact tag" in lines
    assert "  and 2 more" in lines
    assert any(line.startswith("  mend: ") for line in lines)
    assert "  ours.alone: who knows" in lines
    assert lines[-1] == "3 objects, runtime none: 1 broken, 1 not run; 0.1 s"


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([Finding(PINNED, Verdict.HELD, ())], "nothing is broken"),
        ([Finding(PINNED, Verdict.NOT_RUN, ("x",))], "not proven: something could not be told"),
        ([broken(Breach("Pod a", "Pod a", "x"), exempt="old")], "nothing is broken"),
        ([Finding(UNKNOWN, Verdict.BROKEN, ("seen",))], "broken: 1 claim (1 error)"),
        ([broken(Breach("Pod a", "Pod a", "x"))], "broken: 1 claim at 1 place (1 warning)"),
    ],
)
def test_text_calls_nothing_held_that_was_not_told(findings: list[Finding], said: str) -> None:
    """And what is excused is not broken."""
    assert FORMATS["text"](trial(*findings)).splitlines()[0] == said


def test_json_and_junit_are_those_of_a_trial(repository: Path) -> None:
    """With the places, the severity, the remedy and the page."""
    found = trial(broken(at(repository)))
    (claim,) = json.loads(FORMATS["json"](found))["claims"]
    assert (claim["breaches"][0]["line"], claim["severity"]) == (7, "warning")
    assert claim["page"].endswith("yaml.images-are-pinned.md")
    assert fromstring(FORMATS["junit"](found)).get("failures") == "1"  # noqa: S314 - written a line above


def test_several_formats_are_written_in_one_run(repository: Path) -> None:
    """Each to its file, or to standard output."""
    out, path = StringIO(), repository / "out.sarif"
    write(trial(), [output(f"sarif={path}"), output("text")], out)
    assert json.loads(path.read_text())["version"] == "2.1.0"
    assert out.getvalue().startswith("nothing is broken")


@pytest.mark.parametrize("given", ["yaml", "", "sarif=", "=x"])
def test_format_that_is_none_is_refused(given: str) -> None:
    """With those that there are."""
    with pytest.raises(ManifestError, match="allowed: text, json, junit, sarif, github, markdown"):
        output(given)


def test_file_that_cannot_be_written_is_named(repository: Path) -> None:
    """With the format that was to be in it."""
    with pytest.raises(ReportError, match=r"--format sarif=.*nowhere/x: it cannot be written: No such file"):
        write(trial(), [output(f"sarif={repository}/nowhere/x")], StringIO())
