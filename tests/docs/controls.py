"""The controls and what was found of them, as tables."""

from collections.abc import Iterator

from tests.controls import result
from tests.controls.control import Control
from tests.controls.result import Result
from tests.controls.table import CONTROLS
from tests.controls.trying import GOOD_SET
from tests.harness.trial import static
from tests.harness.trial.engine import SCENARIOS


def table() -> Iterator[str]:
    """Yield the lines of the table of controls."""
    results = result.read()
    yield "| control | of | in practice | found broken | Checkov |"
    yield "|---|---|---|---|---|"
    for control in CONTROLS:
        yield _row(control, results[control.name])


def good() -> Iterator[str]:
    """Yield the lines of the table of good deployments."""
    results = result.read()
    yield "| deployment | held | broken | not run | not applicable |"
    yield "|---|---|---|---|---|"
    for each in GOOD_SET:
        found = results[each.name]
        counts = (found.held, len(found.broken), len(found.not_run), found.not_applicable)
        yield f"| [{each.name}](../tests/controls/good/{each.name}) | {' | '.join(map(str, counts))} |"


def claims() -> Iterator[str]:
    """Yield the lines of the table of claims, each with the controls that break it."""
    results = result.read()
    names = [each.claim.id for each in (*static.CLAIMS, *(each for one in SCENARIOS for each in one.claims))]
    yield "| claim | broken by |"
    yield "|---|---|"
    for claim in names:
        controls = [each.name for each in CONTROLS if claim in results[each.name].broken]
        yield f"| `{claim}` | {', '.join(controls) or '-'} |"


def _row(control: Control, found: Result) -> str:
    broken = ", ".join(f"`{claim}`" for claim in found.broken)
    return f"| {control.name} | {control.base} | {control.why} | {broken} | {', '.join(found.checkov) or '-'} |"
