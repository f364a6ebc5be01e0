"""The page for people with a deployment of their own says what there is."""

import re
import tomllib
from dataclasses import fields

from seatrial.trial import static
from seatrial.trial.configuration import Configuration, parse
from seatrial.trial.engine import SCENARIOS
from tests.docs.generated import ROOT

PAGE = (ROOT / "docs" / "trying.md").read_text()


def test_example_of_trial_toml_says_everything_that_can_be_said() -> None:
    """It is read as a user's would be, and leaves no field at its default; what it exempts is a claim."""
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    configuration = parse(tomllib.loads(found[1]), "the page")
    unsaid = [
        each.name
        for each in fields(Configuration)
        if getattr(configuration, each.name) == getattr(Configuration(), each.name)
    ]
    assert unsaid == []
    claims = {
        each.claim.id for each in (*static.CLAIMS, *(claim for scenario in SCENARIOS for claim in scenario.claims))
    }
    assert configuration.exempt.keys() <= claims


def test_every_scenario_is_described() -> None:
    """By its name, once."""
    assert re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)[-len(SCENARIOS) :] == [each.name for each in SCENARIOS]
