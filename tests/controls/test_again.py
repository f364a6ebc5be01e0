"""What could not be told of a control beside others is tried again alone; what was told stands."""

from pathlib import Path

import pytest

from seatrial.trial.verdict import Verdict
from tests.controls import trying
from tests.controls.control import Control
from tests.controls.result import Result
from tests.controls.trying import try_all

HELD, BROKEN, NOT_RUN = Verdict.HELD, Verdict.BROKEN, Verdict.NOT_RUN
CONTROLS = [Control("one", "", (), ("yaml.a",), ""), Control("other", "", (), ("yaml.a",), "")]
GOOD = {"yaml.a": BROKEN, "b": HELD}


@pytest.mark.parametrize(
    ("first", "at_a_time", "tries"),
    [
        (GOOD, 2, 1),
        ({"yaml.a": NOT_RUN, "b": HELD}, 2, 2),
        ({"yaml.a": BROKEN, "b": NOT_RUN}, 2, 2),
        ({"yaml.a": NOT_RUN, "b": HELD}, 1, 1),
        ({"yaml.a": NOT_RUN, "b": BROKEN}, 2, 1),
        ({"yaml.a": HELD, "b": NOT_RUN}, 2, 1),
    ],
    ids=["told", "not broken", "not held", "alone already", "blamed", "passed"],
)
async def test_what_could_not_be_told_beside_others_is_tried_again_and_what_is_wrong_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, first: dict[str, Verdict], at_a_time: int, tries: int
) -> None:
    """Another chance is for what is `not run` alone: it must not hide that the harness was wrong once."""
    begun: list[str] = []

    async def tried(control: Control, _: Path) -> Result:
        begun.append(control.name)
        verdicts = first if control.name == "one" and begun.count("one") == 1 else GOOD
        return Result.of(control.name, verdicts, 1.0)

    monkeypatch.setattr(trying, "tried", tried)
    told: list[Result] = []
    results = await try_all(CONTROLS, tmp_path, told.append, at_a_time)
    assert begun.count("one") == tries
    assert begun.count("other") == 1
    assert results == told
    assert sorted(each.name for each in told) == ["one", "other"]
    (found,) = [each for each in told if each.name == "one"]
    assert found == Result.of("one", GOOD if tries > 1 else first, 1.0)


async def test_what_could_not_be_told_alone_either_is_told_as_that(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is tried twice, and no more."""
    begun: list[str] = []

    async def tried(control: Control, _: Path) -> Result:
        begun.append(control.name)
        return Result.of(control.name, {"yaml.a": NOT_RUN}, 1.0)

    monkeypatch.setattr(trying, "tried", tried)
    found = await try_all(CONTROLS, tmp_path, lambda _: None, 2)
    assert begun == ["one", "other"] * 2
    assert [each.not_run for each in found] == [("yaml.a",)] * 2
