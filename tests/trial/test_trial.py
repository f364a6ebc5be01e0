"""The trial of an overlay, a test for each claim."""

from collections.abc import Mapping

import pytest

from seatrial.trial.report.text import visible
from seatrial.trial.verdict import Finding, Verdict


def test_claim_holds(claim_id: str, findings: Mapping[str, Finding]) -> None:
    """It was seen to hold, or its owner has excused it; what could not be told is no success."""
    found = findings[claim_id]
    told = visible("\n".join((found.claim.sentence, *found.evidence)))
    if found.exempt or found.verdict is Verdict.NOT_APPLICABLE:
        pytest.skip(f"{found.verdict}: {found.exempt or told}")
    if found.verdict is not Verdict.HELD:
        pytest.fail(f"{found.verdict}: {told}", pytrace=False)
