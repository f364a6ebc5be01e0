"""Every overlay holds every contract."""

import pytest

from seatrial import contracts as generic
from seatrial.contracts import Contract, Overlay
from tests.manifests import contracts as ours


@pytest.mark.parametrize("contract", [*generic.CONTRACTS, *ours.CONTRACTS], ids=lambda contract: contract.name)
def test_overlay_holds(overlay: Overlay, contract: Contract) -> None:
    """No breach; a failure prints the sentence and the arithmetic."""
    assert [str(check) for check in contract.breaches(overlay)] == [], contract.sentence
