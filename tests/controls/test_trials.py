"""A few controls, and good deployments, by whole trials; `make controls` tries all."""

import pytest

from tests.controls.control import UNTOLD, complaints
from tests.controls.result import Result
from tests.controls.table import CONTROLS
from tests.controls.trying import GOOD_SET, try_all

FAST = ("asyncio", "nginx", "no-lame-duck", "nginx-without-pre-stop", "exits-non-zero", "runs-as-root")
"""Two stacks, good and bad."""
CHOSEN = {each.name: each for each in (*GOOD_SET, *CONTROLS) if each.name in FAST}


@pytest.fixture(scope="module")
async def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Return what was found of each."""
    directory = tmp_path_factory.mktemp("controls")
    return {each.name: each for each in await try_all(list(CHOSEN.values()), directory, lambda _: None)}


@pytest.mark.parametrize("name", FAST)
async def test_trial_finds_what_is_wrong_and_nothing_else(results: dict[str, Result], name: str) -> None:
    """The control's claims are broken, all others hold or are about nothing; on a good deployment nothing is broken."""
    found = complaints(CHOSEN[name], results[name])
    assert [each for each in found if not each.endswith(UNTOLD)] == []
    if found:
        pytest.skip(f"the machine was too busy to tell: {', '.join(found)}")
