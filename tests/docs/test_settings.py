"""What is said of a setting."""

import re

import pytest
from pydantic import Field
from pydantic.fields import FieldInfo

from app.settings import Settings, variable
from tests.docs.settings import line

LEANS = re.compile(r"(And|Again|Also|Beyond|But|Its|It|More|Or|Such|That|Their|Them|These|They|This|Those|What) ")
"""How a description begins that is read only after another one."""


def field(**given: object) -> FieldInfo:
    """Return a field of settings."""
    made: FieldInfo = Field(**given)  # type: ignore[call-overload]
    return made


@pytest.mark.parametrize("name", Settings.model_fields)
def test_description_stands_alone(name: str) -> None:
    """It names what it is about, which is not the setting above it, and it is a sentence or a list's example."""
    description = str(Settings.model_fields[name].description)
    assert not LEANS.match(description), description
    assert description[0].isupper(), description


@pytest.mark.parametrize("text", ["And up to so many more, at random.", "Its password.", "Beyond these, 503."])
def test_description_that_leans_on_another_is_found_out(text: str) -> None:
    """The negative."""
    assert LEANS.match(text)


def test_example_shows_a_default_or_an_example() -> None:
    """Of a setting that may be left unset it is a comment."""
    assert line("APP_X", field(default=1.0)) == "APP_X=1"
    assert line("APP_X", field(examples=["a"])) == "APP_X=a"
    assert line("APP_X", field(default=None, examples=[3])) == "# APP_X=3"


@pytest.mark.parametrize("without", [field(), field(default=None)])
def test_setting_that_has_nothing_to_show_is_refused(without: FieldInfo) -> None:
    """Or `.env.example` would have a word of Python's in it that somebody copies."""
    with pytest.raises(ValueError, match=r"APP_X has no default to show: give its Field examples"):
        line("APP_X", without)


def test_variables_of_examples_are_settings() -> None:
    """Descriptions name variables, and each is one."""
    known = {variable(name) for name in Settings.model_fields}
    for name, found in Settings.model_fields.items():
        assert set(re.findall(r"APP_[A-Z_]+", str(found.description))) <= known, name
