"""Each contract rejects what it is there for, and it alone does: one small change to a good overlay each."""

import pytest

from seatrial import contracts as generic
from seatrial.contracts import Overlay
from seatrial.errors import ManifestError
from tests.manifests import contracts as ours
from tests.manifests.mutant import Mutant, Mutation
from tests.manifests.mutations import MUTATIONS

CONTRACTS = (*generic.CONTRACTS, *ours.CONTRACTS)


def broken(overlay: Overlay) -> list[str]:
    """Return the names of the contracts that an overlay breaks; a malformed one tells the others nothing."""
    names = []
    for contract in CONTRACTS:
        try:
            names += [contract.name] if contract.breaches(overlay) else []
        except ManifestError:
            assert overlay.malformed
    return names


@pytest.mark.parametrize(
    "mutation", MUTATIONS, ids=[f"{each.contract}-{number}" for number, each in enumerate(MUTATIONS)]
)
def test_mutated_overlay_breaks_one_contract(overlays: dict[str, Overlay], mutation: Mutation) -> None:
    """The contract for which the mutation was made rejects it, and no other does."""
    mutant = Mutant(overlays[mutation.overlay])
    mutation.change(mutant)
    assert broken(mutant.overlay()) == [mutation.contract]


def test_every_contract_has_a_mutation() -> None:
    """A contract that nothing breaks proves nothing."""
    assert {mutation.contract for mutation in MUTATIONS} == {contract.name for contract in CONTRACTS}


def test_names_of_contracts_are_unique() -> None:
    """A name is what a report, a mutation and the documents call a contract by."""
    names = [contract.name for contract in CONTRACTS]
    assert sorted(set(names)) == sorted(names)
