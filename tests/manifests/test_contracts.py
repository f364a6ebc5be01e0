"""Every overlay holds every contract."""

import pytest

from tests.manifests.contracts import CONTRACTS, Contract
from tests.manifests.overlay import Overlay


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
def test_overlay_holds(overlay: Overlay, contract: Contract) -> None:
    """No breach; a failure prints the sentence and the arithmetic."""
    assert list(contract(overlay)) == [], contract.__doc__
