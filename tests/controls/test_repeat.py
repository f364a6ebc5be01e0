"""Repeated runs: what changed is told, and what contradicts itself or was never proven fails."""

import sys
from collections.abc import Callable, Sequence

import pytest

from seatrial.trial.verdict import Verdict
from tests.controls import __main__ as controls
from tests.controls import linted, result
from tests.controls.control import Control
from tests.controls.repeat import Changed, changes, unproven
from tests.controls.result import Result

HELD, BROKEN, NOT_RUN = Verdict.HELD, Verdict.BROKEN, Verdict.NOT_RUN
CONTROL = Control("one", "", (), (), "", may=("may.*",))


def told(*runs: dict[str, Verdict]) -> list[Changed]:
    """Return what changed between runs of one control."""
    return changes([CONTROL], [Result.of("one", verdicts, 1.0) for verdicts in runs])


def test_claims_that_stay_are_not_told() -> None:
    """Whatever their verdict is, and in how many runs."""
    assert told(*[{"a": HELD, "b": BROKEN, "c": NOT_RUN}] * 3) == []
    assert told({"a": HELD}) == []


@pytest.mark.parametrize(
    ("claim", "verdicts", "contradictory"),
    [
        ("a", (HELD, BROKEN), True),
        ("a", (HELD, Verdict.NOT_APPLICABLE), True),
        ("a", (HELD, NOT_RUN, BROKEN), True),
        ("a", (HELD, NOT_RUN), False),
        ("a", (NOT_RUN, BROKEN, NOT_RUN), False),
        ("may.x", (HELD, BROKEN), False),
    ],
)
def test_claims_that_change_are_told_and_contradict_themselves_but_where_one_could_not_tell(
    claim: str, verdicts: tuple[Verdict, ...], *, contradictory: bool
) -> None:
    """A control says what of it is left to chance: that is told, and fails nothing."""
    (found,) = told(*({claim: each, "same": HELD} for each in verdicts))
    assert (found.control, found.claim, found.verdicts) == ("one", claim, verdicts)
    assert found.contradictory is contradictory


def test_same_claim_of_two_controls_is_compared_each_with_its_own() -> None:
    """One that is broken in a control and held in another has not changed."""
    found = [Result.of(name, {"a": verdict}, 1.0) for name, verdict in (("one", HELD), ("other", BROKEN))]
    assert changes([CONTROL, Control("other", "", (), (), "")], found * 2) == []


@pytest.mark.parametrize(
    ("verdicts", "never"),
    [((NOT_RUN, NOT_RUN), ["one: a"]), ((NOT_RUN, BROKEN), []), ((BROKEN, BROKEN), []), ((), [])],
)
def test_claim_that_must_be_broken_and_never_could_be_told_is_unproven(
    verdicts: tuple[Verdict, ...], never: list[str]
) -> None:
    """Once is enough; of a control that could not be tried nothing is said."""
    control = Control("one", "", (), ("a",), "")
    assert unproven([control], [Result.of("one", {"a": each, "b": NOT_RUN}, 1.0) for each in verdicts]) == never


def test_control_that_is_named_twice_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at a time would be made in one directory."""
    tried: list[str] = []

    async def run(chosen: Sequence[Control], *_: int, **__: object) -> int:
        tried.extend(each.name for each in chosen)
        return 0

    monkeypatch.setattr(controls, "run", run)
    monkeypatch.setattr(sys, "argv", ["", "nginx", "asyncio", "nginx"])
    assert controls.main() == 0
    assert tried == ["nginx", "asyncio"]


@pytest.mark.parametrize(
    ("arguments", "verdict", "code"),
    [
        ([], HELD, 0),
        ([], NOT_RUN, 1),
        (["--repeat", "2"], NOT_RUN, 0),
        (["--busy"], NOT_RUN, 0),
        (["--busy"], BROKEN, 1),
        (["--repeat", "2"], BROKEN, 1),
    ],
)
def test_what_could_not_be_told_fails_a_single_run_on_a_machine_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    verdict: Verdict,
    code: int,
) -> None:
    """Another run may tell, and a busy machine need not; a good deployment that is blamed fails always."""

    async def try_all(_: object, __: object, tell: Callable[[Result], None], ___: int) -> None:
        tell(Result.of("asyncio", {"a": verdict}, 1.0))

    async def with_checkov(_: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(controls, "try_all", try_all)
    monkeypatch.setattr(linted, "with_checkov", with_checkov)
    monkeypatch.setattr(result, "keep", lambda _: None)
    monkeypatch.setattr(result, "write", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["", "asyncio", *arguments])
    assert controls.main() == code
    said = {HELD: "as it must be", NOT_RUN: "not all could be told", BROKEN: "WRONG"}
    assert capsys.readouterr().out.startswith(f"asyncio: {said[verdict]} after")
