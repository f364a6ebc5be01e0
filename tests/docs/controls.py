"""The controls and what was found of them, as tables."""

from collections.abc import Iterator

from tests.controls import result
from tests.controls.control import Control
from tests.controls.result import Result
from tests.controls.table import CONTROLS
from tests.controls.trying import GOOD_SET
from tests.harness.trial.verdict import Verdict


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
        counts = (
            len(results[each.name].of(verdict))
            for verdict in (Verdict.HELD, Verdict.BROKEN, Verdict.NOT_RUN, Verdict.NOT_APPLICABLE)
        )
        yield f"| [{each.name}](../tests/controls/good/{each.name}) | {' | '.join(map(str, counts))} |"


def claims() -> Iterator[str]:
    """Yield the lines of the table of claims, each with the controls that break it."""
    results = result.read()
    broken = {control.name: results[control.name].of(Verdict.BROKEN) for control in CONTROLS}
    names = dict.fromkeys(claim for each in results.values() for claim in each.verdicts)
    yield "| claim | broken by |"
    yield "|---|---|"
    for claim in sorted(names):
        controls = [control for control, found in broken.items() if claim in found]
        yield f"| `{claim}` | {', '.join(controls) or '-'} |"


def _row(control: Control, found: Result) -> str:
    broken = ", ".join(f"`{claim}`" for claim in found.of(Verdict.BROKEN))
    return f"| {control.name} | {control.base} | {control.why} | {broken} | {', '.join(found.checkov) or '-'} |"
