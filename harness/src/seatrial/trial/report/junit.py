"""JUnit XML, which every CI shows: one test case a claim.

Broken is a failure. Not run is an error: a trial that could not tell must not look green. Exempt, not applicable and
not asked are skipped, with the reason.
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from seatrial.trial.report.document import ClaimDocument, Document, ScenarioDocument
from seatrial.trial.report.standing import Standing

ELEMENTS = {
    Standing.BROKEN: "failure",
    Standing.NOT_RUN: "error",
    Standing.EXEMPT: "skipped",
    Standing.NOT_APPLICABLE: "skipped",
    Standing.NOT_ASKED: "skipped",
}
STATIC, ELSEWHERE = "manifests", "trial"
"""The suites of the claims that were seen in no scenario."""


def junit(document: Document) -> str:
    """Return the document as JUnit XML: a suite for each scenario, and one for what the YAML alone tells."""
    suites: dict[str, list[ClaimDocument]] = {}
    for claim in document.claims:
        suites.setdefault(claim.scenario or (STATIC if claim.static else ELSEWHERE), []).append(claim)
    scenarios = {found.scenario: found for found in document.scenarios}
    root = Element("testsuites", name=f"trial of {document.source}", time=_seconds(document.seconds))
    root.attrib.update(_counts(document.claims))
    for name, claims in suites.items():
        root.append(_suite(document, name, claims, scenarios.get(name)))
    indent(root)
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text.decode() + "\n"


def _suite(document: Document, name: str, claims: list[ClaimDocument], scenario: ScenarioDocument | None) -> Element:
    began = scenario.wall if scenario else document.wall
    suite = Element("testsuite", name=name, timestamp=began.isoformat(timespec="seconds"))
    suite.attrib.update(_counts(claims), skipped=str(sum(_element(claim) == "skipped" for claim in claims)))
    suite.set("time", _seconds(scenario.seconds if scenario else 0.0))
    properties = SubElement(suite, "properties")
    for key, value in {"runtime": document.runtime, **document.versions}.items():
        SubElement(properties, "property", name=key, value=value)
    for claim in claims:
        suite.append(_case(claim))
    return suite


def _case(claim: ClaimDocument) -> Element:
    case = Element("testcase", classname=claim.id, name=claim.sentence)
    if element := _element(claim):
        reason = f"exempt: {claim.exempt}" if claim.standing is Standing.EXEMPT else "; ".join(claim.evidence[:1])
        SubElement(case, element, type=claim.standing, message=reason).text = "\n".join(claim.evidence)
    elif claim.evidence:
        SubElement(case, "system-out").text = "\n".join(claim.evidence)
    return case


def _element(claim: ClaimDocument) -> str | None:
    return ELEMENTS.get(claim.standing)


def _counts(claims: list[ClaimDocument] | tuple[ClaimDocument, ...]) -> dict[str, str]:
    found = [_element(claim) for claim in claims]
    return {"tests": str(len(found)), "failures": str(found.count("failure")), "errors": str(found.count("error"))}


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
