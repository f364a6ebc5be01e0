"""The published schemas say of a file what the tool says of it."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harness.tests.trial import test_configuration as configurations
from seatrial import schemas
from seatrial.check import baseline
from seatrial.errors import ManifestError
from seatrial.trial.configuration import parse

ROOT = Path(__file__).parents[2]
WRONG = next(
    mark.args[1] for mark in configurations.test_what_is_wrong_is_named.pytestmark if mark.name == "parametrize"
)


def validator(name: str) -> Draft202012Validator:
    """Return what validates by one of the schemas."""
    return Draft202012Validator(json.loads(schemas.text(name)))


@pytest.mark.parametrize("name", schemas.NAMES)
def test_schema_is_one(name: str) -> None:
    """By the draft's own schema; its id is the file's."""
    schema = json.loads(schemas.text(name))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].startswith("urn:seatrial:")


@pytest.mark.parametrize("given", [given for given, _ in WRONG], ids=str)
def test_trial_toml_that_is_refused_is_invalid(given: dict[str, Any]) -> None:
    """An editor marks it before the tool does."""
    with pytest.raises(ManifestError):
        parse(given, "trial.toml")
    assert not validator("trial-toml.schema.json").is_valid(given)


@pytest.mark.parametrize(
    "path", sorted(path for folder in ("kustomize", "tests") for path in (ROOT / folder).glob("**/trial.toml")), ids=str
)
def test_every_trial_toml_of_the_repository_is_valid(path: Path) -> None:
    """What is used is allowed."""
    validator("trial-toml.schema.json").validate(tomllib.loads(path.read_text()))


def test_baseline_that_is_written_is_valid_and_another_file_is_not(tmp_path: Path) -> None:
    """Neither for the tool."""
    baseline.write([], tmp_path / "baseline.json")
    written = json.loads((tmp_path / "baseline.json").read_text())
    validator("baseline.schema.json").validate(written)
    assert not validator("baseline.schema.json").is_valid({"accepted": []})
    (tmp_path / "baseline.json").write_text('{"accepted": []}')
    with pytest.raises(ManifestError, match="is no baseline"):
        baseline.read(tmp_path / "baseline.json")
