"""Which claims are asked, by --only and --skip."""

import pytest

from harness.tests.trial.synthetic import subject
from harness.tests.trial.test_engine import good, scenario
from seatrial.errors import ManifestError
from seatrial.trial.configuration import Configuration
from seatrial.trial.engine import Engine
from seatrial.trial.machine import Machine
from seatrial.trial.selection import Selection
from seatrial.trial.stage import Stage
from seatrial.trial.verdict import Verdict


@pytest.mark.parametrize(
    ("selection", "asked"),
    [
        (Selection(), True),
        (Selection(only=("sigterm.*",)), True),
        (Selection(only=("ends",)), True),
        (Selection(only=("start.*",)), False),
        (Selection(skip=("sigterm.idle.*",)), False),
        (Selection(skip=("ends",)), False),
        (Selection(only=("sigterm.*",), skip=("*.exit-code",)), False),
        (Selection(skip=("start.*",)), True),
    ],
)
def test_claim_is_asked_by_its_id_or_its_scenario(selection: Selection, *, asked: bool) -> None:
    """What is skipped is not asked, whatever else is chosen."""
    assert selection.asks("sigterm.idle.exit-code", "ends") is asked


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (Selection(only=("sigterm.ilde.exit-code",)), "--only: .*did you mean sigterm.idle.exit-code"),
        (Selection(skip=("nothing*",)), "--skip: there is no claim or scenario 'nothing\\*'"),
    ],
)
def test_pattern_that_chooses_nothing_is_an_error(selection: Selection, said: str) -> None:
    """A misspelt one would leave everything asked, or nothing."""
    with pytest.raises(ManifestError, match=said):
        selection.check(["sigterm.idle.exit-code", "ends"])


async def test_scenario_of_which_nothing_is_asked_is_not_played() -> None:
    """Its claims are not asked, which is something else than held."""
    played = []

    async def run(stage: Stage) -> bool:
        played.append(stage.name)
        return await good(stage)

    scenarios = (scenario(run, "one"), scenario(run, "two"))
    engine = Engine(subject(Configuration()), Machine(), {}, lambda _: None, scenarios, Selection(only=("two",)))
    findings, _ = await engine.run()
    assert [found.verdict for found in findings] == [Verdict.NOT_ASKED, Verdict.HELD]
    assert played == ["two"]
