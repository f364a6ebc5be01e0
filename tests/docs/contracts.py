"""The contracts as tables: what each says, and what it covers of the checks that others know."""

from collections.abc import Iterable, Iterator

from seatrial import contracts as generic
from seatrial.contracts import Contract
from tests.manifests import contracts as ours
from tests.manifests.coverage import covered_by, excused


def of_any_deployment() -> Iterator[str]:
    """Yield the lines of the table of those that know nothing of the service."""
    yield from _table(generic.CONTRACTS)


def of_the_service() -> Iterator[str]:
    """Yield the lines of the table of those that read the service's settings and routes."""
    yield from _table(ours.CONTRACTS)


def not_covered() -> Iterator[str]:
    """Yield the lines of the table of checks that do not fit."""
    yield "| linter | check | why not |"
    yield "|---|---|---|"
    for linter, check, reason in excused():
        yield f"| {linter} | {check} | {reason} |"


def _table(contracts: Iterable[Contract]) -> Iterator[str]:
    yield "| contract | says | covers |"
    yield "|---|---|---|"
    for contract in sorted(contracts, key=lambda each: each.name):
        covers = "; ".join(f"{linter}: {', '.join(names)}" for linter, names in covered_by(contract.name))
        yield f"| `{contract.name}` | {contract.sentence} | {covers} |"
