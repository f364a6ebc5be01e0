"""The controls and what was found of them, as tables."""

from collections.abc import Iterator, Mapping

from seatrial.trial import static
from seatrial.trial.engine import SCENARIOS
from tests.controls import result
from tests.controls.control import Control
from tests.controls.result import Result
from tests.controls.table import CONTROLS
from tests.controls.trying import GOOD_SET


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
    yield "| claim | broken by |"
    yield "|---|---|"
    for claim in (*_of_the_yaml(), *_of_scenarios()):
        yield f"| `{claim}` | {', '.join(_breaking(claim, results)) or '-'} |"


def unbroken() -> Iterator[str]:
    """Yield a line for the claims of scenarios, and one for those of the YAML, that no control breaks."""
    results = result.read()
    for what, names in (("what happens", _of_scenarios()), ("the YAML", _of_the_yaml())):
        missing = [f"`{claim}`" for claim in names if not _breaking(claim, results)]
        yield f"- of {what}, {len(missing)} of {len(names)}: {', '.join(missing) or '-'}"


def _of_the_yaml() -> list[str]:
    return [each.claim.id for each in static.CLAIMS]


def _of_scenarios() -> list[str]:
    return [each.claim.id for one in SCENARIOS for each in one.claims]


def _breaking(claim: str, results: Mapping[str, Result]) -> list[str]:
    return [each.name for each in CONTROLS if claim in results[each.name].broken]


def _row(control: Control, found: Result) -> str:
    broken = ", ".join(f"`{claim}`" for claim in found.broken)
    return f"| {control.name} | {control.base} | {control.why} | {broken} | {', '.join(found.checkov) or '-'} |"
