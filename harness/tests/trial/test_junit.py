"""JUnit XML, held to the schema that Jenkins' xUnit plugin reads it by (junit-10.xsd, its own file, MIT)."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from xmlschema import XMLSchema, XMLSchemaValidationError

from harness.tests.trial import trials
from seatrial.trial.report.document import Document
from seatrial.trial.report.junit import junit
from seatrial.trial.verdict import Claim, Finding, Trial, Verdict

SCHEMA = XMLSchema(Path(__file__).parent / "junit-10.xsd")


def written(trial: Trial) -> ET.Element:
    """Return the XML of a trial, once it is known to keep to the schema."""
    text = junit(Document.of(trial))
    SCHEMA.validate(text)
    return ET.fromstring(text)  # noqa: S314 - written here


def case(root: ET.Element, claim: Claim) -> ET.Element:
    """Return the only test case of a claim."""
    (found,) = root.findall(f".//testcase[@classname='{claim.id}']")
    return found


def test_broken_claim_is_a_failure_with_its_evidence() -> None:
    """The message has the first line, the text all of them."""
    failure = case(written(trials.bad()), trials.NO_REQUEST_FAILS).find("failure")
    assert failure is not None
    assert "299 of 5,200" in failure.get("message", "")
    assert "load balancer" in (failure.text or "")


def test_held_claim_is_neither_failed_nor_skipped() -> None:
    """It has its evidence as output."""
    held = case(written(trials.bad()), trials.EXITS_CLEANLY)
    assert [child.tag for child in held] == ["system-out"]


def test_claim_that_was_not_run_is_an_error_and_one_that_does_not_apply_is_skipped() -> None:
    """A trial that could not tell does not look green; what cannot be is no reason for alarm."""
    claims = Claim("a", "It may be."), Claim("b", "It cannot be.")
    root = written(
        trials.trial(
            Finding(claims[0], Verdict.NOT_RUN, ("too busy",)),
            Finding(claims[1], Verdict.NOT_APPLICABLE, ("no volume",)),
        )
    )
    assert [child.tag for child in case(root, claims[0])] == ["error"]
    assert [(child.tag, child.get("message")) for child in case(root, claims[1])] == [("skipped", "no volume")]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "0", "1")


def test_exempt_claim_is_skipped_with_the_reason() -> None:
    """And is no failure, though it is broken."""
    skipped = case(written(trials.bad()), trials.BUDGET).find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "exempt: legacy, until the next release"


def test_suites_count_what_they_hold() -> None:
    """One suite for the scenario, one for the manifests, one for the rest; together they are the whole."""
    root = written(trials.bad())
    assert [suite.get("name") for suite in root] == [trials.SCENARIO, "trial", "manifests"]
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert all(suite.get(name) == str(len(suite.findall(f".//{tag}"))) for suite in root)
    assert sum(int(suite.get("tests", "")) for suite in root) == int(root.get("tests", "")) == 5


def test_hostile_evidence_stays_text() -> None:
    """Markup is escaped, and what XML cannot hold is written out."""
    found = Finding(trials.BUDGET, Verdict.BROKEN, ("</failure><script>\x00\x1b[31m\udc80]]>",))
    failure = case(written(trials.trial(found)), trials.BUDGET).find("failure")
    assert failure is not None
    assert list(failure) == []
    assert failure.text == r"</failure><script>\x00\x1b[31m\udc80]]>"


@pytest.mark.parametrize("change", [('tests="', 'test="'), ("<failure", "<broken"), ('time="41.250"', 'time="long"')])
def test_schema_would_refuse_another_shape(change: tuple[str, str]) -> None:
    """The control: an attribute, an element or a number that no reader knows."""
    text = junit(Document.of(trials.bad()))
    mutated = text.replace(*change).replace("</failure", "</broken" if "<broken" in change else "</failure")
    assert mutated != text
    with pytest.raises(XMLSchemaValidationError):
        SCHEMA.validate(mutated)
