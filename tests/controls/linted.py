"""What Checkov, a linter of YAML, says of the same controls."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from seatrial.contracts import Overlay
from seatrial.manifests.kustomize import render
from tests.controls.control import Control
from tests.controls.result import Result
from tests.controls.table import CONTROLS
from tests.controls.trying import GOOD_SET
from tests.manifests.checkov import scan


async def with_checkov(results: Iterable[Result]) -> list[Result]:
    """Return the results with the checks that fail on each control, and not on what it was made of."""
    controls = {each.name: each for each in (*GOOD_SET, *CONTROLS)}
    failed = await _failed(controls.values())
    return [
        replace(each, checkov=tuple(sorted(failed[each.name] - failed[controls[each.name].base]))) for each in results
    ]


async def _failed(controls: Iterable[Control]) -> dict[str, set[str]]:
    with TemporaryDirectory(prefix="seatrial-controls-") as name:
        overlays = {each.name: Overlay(each.name, await render(each.make(Path(name)))) for each in controls}
        lines = (await scan(overlays)).failed
    failed: defaultdict[str, set[str]] = defaultdict(set)
    for line in lines:
        file, _, check, _ = line.split(": ", 3)
        failed[file.removesuffix(".yaml")].add(check)
    return failed
