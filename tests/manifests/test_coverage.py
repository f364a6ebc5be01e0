"""The table of what the contracts cover of other linters' checks."""

from seatrial import contracts as generic
from tests.manifests import contracts as ours
from tests.manifests.coverage import CHECKS

NAMES = {contract.name for contract in (*generic.CONTRACTS, *ours.CONTRACTS)}


def test_checks_are_covered_by_contracts_that_exist() -> None:
    """Whatever is said to cover a check is the name of a contract; what is not covered has a reason."""
    covering = [covered for checks in CHECKS.values() for covered in checks.values()]
    assert all(covering)
    assert {name for covered in covering if not isinstance(covered, str) for name in covered} <= NAMES
