"""The controls are what they say: small, of several stacks, and each is found out, by the results that are kept."""

from pathlib import Path

import pytest

from seatrial.trial.verdict import Verdict
from tests.controls import result
from tests.controls.control import Change, Control, complaints
from tests.controls.result import Result
from tests.controls.table import CONTROLS
from tests.controls.trying import GOOD_SET, tried

STATIC = [each for each in CONTROLS if each.static]


@pytest.mark.parametrize("control", STATIC, ids=[each.name for each in STATIC])
async def test_static_control_breaks_its_claim_alone(control: Control, tmp_path: Path) -> None:
    """The YAML alone tells what is wrong with it, and nothing else is."""
    assert complaints(control, await tried(control, tmp_path)) == []


@pytest.mark.parametrize("control", CONTROLS, ids=[each.name for each in CONTROLS])
def test_control_is_a_change_that_fits(control: Control, tmp_path: Path) -> None:
    """What is changed is there, once, and there is a reason."""
    control.make(tmp_path)
    assert control.changes
    assert control.breaks
    assert control.why


def test_change_that_fits_nowhere_is_refused(tmp_path: Path) -> None:
    """A control that changes nothing is the good deployment, and would prove nothing."""
    control = Control("none", "asyncio", (Change("server.py", "no such text", ""),), ("start.*",), "")
    with pytest.raises(ValueError, match="0 times, not once"):
        control.make(tmp_path)


def test_names_of_controls_are_unique() -> None:
    """A name is what results and documents call a control by."""
    names = [each.name for each in (*GOOD_SET, *CONTROLS)]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("control", [*GOOD_SET, *CONTROLS], ids=lambda control: control.name)
def test_control_was_found_out(control: Control) -> None:
    """When all were last run, its claims were broken, and no others; `make controls` runs them again."""
    assert complaints(control, result.read()[control.name]) == []


def test_results_are_of_the_controls_that_there_are() -> None:
    """No result is of a control that is no more."""
    assert result.read().keys() == {each.name for each in (*GOOD_SET, *CONTROLS)}


@pytest.mark.parametrize(
    ("verdicts", "complained_of"),
    [
        ({"a": Verdict.BROKEN, "b": Verdict.HELD, "c": Verdict.NOT_APPLICABLE}, []),
        ({"a": Verdict.HELD}, ["a: must be broken"]),
        ({"a": Verdict.NOT_RUN}, ["a: not run"]),
        ({}, ["a: must be broken"]),
        ({"a": Verdict.BROKEN, "b": Verdict.BROKEN}, ["b: broken"]),
        ({"a": Verdict.BROKEN, "b": Verdict.NOT_RUN}, ["b: not run"]),
        ({"a": Verdict.BROKEN, "hidden.x": Verdict.NOT_RUN, "may.x": Verdict.BROKEN}, []),
        ({"a": Verdict.BROKEN, "hidden.x": Verdict.BROKEN}, ["hidden.x: broken"]),
    ],
)
def test_complaints_name_what_is_not_as_it_must_be(verdicts: dict[str, Verdict], complained_of: list[str]) -> None:
    """What must break and does not, what breaks and must not, and what could not be told without a reason."""
    control = Control("", "", (), ("a",), "", hides=("hidden.*",), may=("may.*",))
    assert complaints(control, Result.of("", verdicts, 1.0)) == complained_of


@pytest.mark.parametrize("patterns", ["hides", "may"])
def test_what_the_control_is_there_for_has_to_be_told(patterns: str) -> None:
    """A pattern that is about its neighbours, too, does not excuse it."""
    control = Control("", "", (), ("a",), "", **{patterns: ("*",)})
    found = Result.of("", {"a": Verdict.NOT_RUN, "b": Verdict.NOT_RUN}, 1.0)
    assert complaints(control, found) == ["a: not run"]


def test_results_are_read_as_they_were_kept(tmp_path: Path) -> None:
    """And one that is kept again takes the place of the one before."""
    path = tmp_path / "results.json"
    for verdict in (Verdict.HELD, Verdict.BROKEN):
        for name in ("one", "other"):
            result.keep(Result.of(name, {"a": verdict}, 1.0), path)
    assert result.read(path) == {name: Result.of(name, {"a": Verdict.BROKEN}, 1.0) for name in ("one", "other")}
