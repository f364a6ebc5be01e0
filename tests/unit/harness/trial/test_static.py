"""Static claims: what becomes of a contract as a finding."""

from collections.abc import Iterator
from dataclasses import replace

from tests.harness.contracts import CONTRACTS, Overlay
from tests.harness.contracts.contract import Check
from tests.harness.trial.static import judge
from tests.harness.trial.verdict import Verdict


def test_contract_that_trips_leaves_its_claim_alone_not_run() -> None:
    """With what it tripped over."""

    def trips(_: Overlay) -> Iterator[Check]:
        raise KeyError("name")

    found = judge(replace(CONTRACTS[0], judge=trips), Overlay("theirs", []))
    assert (found.verdict, found.evidence) == (Verdict.NOT_RUN, ("a defect of the harness: KeyError: 'name'",))
