"""trial.json and its schema: what one says the other allows, and nothing else."""

import copy
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from pydantic import ValidationError as Refused

from harness.tests.trial import trials
from seatrial.logs import Log
from seatrial.timeline import Event, Kind
from seatrial.traffic.exchange import Failure, Outcome
from seatrial.trial.report.document import SCHEMA_ID, Document
from seatrial.trial.verdict import Claim, Finding, Mark, Record, Trial, Verdict
from tests.docs.generated import SCHEMAS

PUBLISHED = json.loads((SCHEMAS / "trial.schema.json").read_text())
SCHEMA = Draft202012Validator(PUBLISHED, format_checker=Draft202012Validator.FORMAT_CHECKER)

TEXT = st.text(st.characters(), max_size=20)
NAME = st.text(st.characters(), min_size=1, max_size=20)
TIME = st.floats(0, 1e6)
WALL = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.timezones())  # noqa: DTZ001 - they get one
OUTCOMES = st.builds(
    Outcome,
    client=TEXT,
    sent_at=TIME,
    ended_at=TIME,
    status=st.none() | st.integers(100, 999),
    failure=st.none() | st.sampled_from(Failure),
    reused=st.booleans(),
    closing=st.booleans(),
    detail=TEXT,
)
CODE = st.none() | st.integers(0, 255)
EVENTS = st.builds(Event, TIME, WALL, st.sampled_from(Kind), TEXT, TEXT, exit_code=CODE, reason=TEXT)
RECORDS = st.builds(
    Record,
    scenario=NAME,
    sentence=TEXT,
    began=TIME,
    ended=TIME,
    wall=WALL,
    events=st.lists(EVENTS, max_size=3).map(tuple),
    requests=st.lists(OUTCOMES, max_size=3).map(tuple),
    marks=st.lists(st.builds(Mark, TIME, TEXT), max_size=3).map(tuple),
    logs=st.lists(st.builds(Log, TEXT, TEXT, TEXT, TEXT), max_size=2).map(tuple),
)
FINDINGS = st.builds(
    Finding,
    claim=st.builds(Claim, NAME, TEXT, static=st.booleans()),
    verdict=st.sampled_from(Verdict),
    evidence=st.lists(TEXT, max_size=3).map(tuple),
    figures=st.dictionaries(TEXT, st.floats(), max_size=3),
    scenario=st.none() | NAME,
    exempt=st.none() | TEXT,
)
TRIALS = st.builds(
    Trial,
    source=TEXT,
    runtime=TEXT,
    wall=WALL,
    seconds=TIME,
    versions=st.dictionaries(TEXT, TEXT, max_size=3),
    calibration=st.dictionaries(TEXT, st.floats(), max_size=3),
    findings=st.lists(FINDINGS, max_size=3).map(tuple),
    records=st.lists(RECORDS, max_size=3).map(tuple),
)


def written(trial: Trial) -> Any:
    """Return the JSON of a trial, as another program reads it."""
    return json.loads(Document.of(trial).json_text())


def test_schema_is_one() -> None:
    """It is a JSON Schema, has an id of its own, and says of every field what it is."""
    Draft202012Validator.check_schema(PUBLISHED)
    assert PUBLISHED["$id"] == SCHEMA_ID
    objects = [PUBLISHED, *(each for each in PUBLISHED["$defs"].values() if each["type"] == "object")]
    assert all(each["additionalProperties"] is False for each in objects)
    undescribed = [name for each in objects for name, of in each["properties"].items() if not of.get("description")]
    assert undescribed == []


@given(TRIALS)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_every_report_keeps_to_the_schema(trial: Trial) -> None:
    """Whatever text, time and number a trial holds; and read back it is the same."""
    document = Document.of(trial)
    SCHEMA.validate(json.loads(document.json_text()))
    assert Document.model_validate_json(document.json_text()) == document


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where each value of a report is; of a list, the first."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list) and value:
        yield from paths(value[0], (*path, 0))


def reached(value: Any, path: Iterable[str | int]) -> Any:
    """Return what is at a path."""
    for key in path:
        value = value[key]
    return value


def mutations() -> Iterator[tuple[str, Any]]:
    """Yield reports with one thing wrong: at each place a value of no kind that belongs there, and a thing missing."""
    one = trials.record()
    good = written(trials.trial(records=(replace(one, requests=(trials.outcome(1, failure=Failure.RESET),)),)))
    wrongs: tuple[Any, ...] = ([[]], {"other": {}})
    for path in paths(good):
        for wrong in wrongs:
            mutated: Any = copy.deepcopy({"": good})
            *parents, last = ("", *path)
            reached(mutated, parents)[last] = wrong
            yield f"{'.'.join(map(str, path)) or 'report'} is {wrong}", mutated[""]
    for path, name in ((("claims", 0), "verdict"), (("scenarios", 0), "wall"), ((), "$schema"), (("counts",), "held")):
        mutated = copy.deepcopy(good)
        del reached(mutated, path)[name]
        yield f"{name} is missing", mutated


@pytest.mark.parametrize("mutated", [pytest.param(each, id=name) for name, each in mutations()])
def test_mutated_report_is_refused(mutated: Any) -> None:
    """By the published schema and by the types that it is written from, alike."""
    with pytest.raises(ValidationError):
        SCHEMA.validate(mutated)
    with pytest.raises(Refused):
        Document.model_validate_json(json.dumps(mutated))


@pytest.mark.parametrize(
    ("where", "name", "value"),
    [
        ("claims", "verdict", "probably"),
        ("claims", "id", ""),
        ("scenarios", "seconds", -1),
        ("scenarios", "wall", "yesterday"),
        ("scenarios", "surprise", 1),
    ],
)
def test_value_out_of_bounds_is_refused(where: str, name: str, value: Any) -> None:
    """A verdict that is none, a negative duration, an unknown field."""
    mutated = written(trials.trial())
    mutated[where][0][name] = value
    with pytest.raises(Refused):
        Document.model_validate_json(json.dumps(mutated))
    if value != "yesterday":  # a format is a note in JSON Schema, unless the validator has the means to check it
        with pytest.raises(ValidationError):
            SCHEMA.validate(mutated)


def test_times_are_relative_to_the_scenario() -> None:
    """A request is so many seconds after its scenario began, whatever the clock read; the wall's is kept beside."""
    (scenario,) = written(trials.trial())["scenarios"]
    assert scenario["requests"][0]["sent"] == trials.READY
    assert scenario["marks"][1] == {"at": trials.SIGTERM, "label": "SIGTERM"}
    assert scenario["events"][0] == {
        "at": 1.5,
        "wall": "2026-03-01T03:00:01.500000Z",
        "kind": "played",
        "subject": "web-pod",
        "detail": "",
    }
    assert scenario["seconds"] == trials.ENDED


def test_failure_is_kept_and_what_is_as_always_is_left_out() -> None:
    """A refused request has its failure and no status; an answered one has no word of failures."""
    (scenario,) = written(trials.bad())["scenarios"]
    assert scenario["requests"][0].keys() == {"client", "sent", "seconds", "status"}
    assert scenario["requests"][-1]["failure"] == "refused"
    assert "status" not in scenario["requests"][-1]


def test_counts_tell_excused_claims_apart() -> None:
    """A claim that is broken and excused counts as exempt, and not as broken; all counts together are all claims."""
    counts = written(trials.bad())["counts"]
    assert counts == {"broken": 1, "not run": 1, "exempt": 1, "held": 1, "not applicable": 1, "not asked": 0}


def test_figure_that_json_cannot_hold_is_null() -> None:
    """An infinite bound costs nobody the report."""
    found = Finding(trials.BUDGET, Verdict.HELD, (), {"bound_seconds": math.inf, "seconds": 1.5})
    (claim,) = written(trials.trial(found))["claims"]
    assert claim["figures"] == {"bound_seconds": None, "seconds": 1.5}
