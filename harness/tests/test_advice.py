"""What is said of claims: of each of them, of nothing else, and in full."""

from fnmatch import fnmatchcase

import pytest
import yaml

from seatrial.advice import Advice, advice, texts
from seatrial.trial import catalogue

CLAIMS = [claim.id for claim in catalogue.claims()]


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_has_its_text(claim: str) -> None:
    """And but one."""
    assert sum(fnmatchcase(claim, pattern) for pattern in texts()) == 1


@pytest.mark.parametrize("pattern", texts())
def test_every_text_is_of_a_claim(pattern: str) -> None:
    """What is said of a claim that is gone goes, too."""
    assert any(fnmatchcase(claim, pattern) for claim in CLAIMS)


@pytest.mark.parametrize(("pattern", "said"), texts().items())
def test_every_text_is_whole(pattern: str, said: Advice) -> None:
    """A remedy is one sentence on one line; a reference is an address."""
    assert said.remedy.endswith("."), pattern
    assert "\n" not in said.remedy
    assert all((said.why, said.breaks, said.mend))
    assert said.reference.startswith("https://")


@pytest.mark.parametrize("pattern", [pattern for pattern in texts() if pattern.startswith("yaml.")])
def test_what_mends_manifests_is_yaml(pattern: str) -> None:
    """It can be pasted."""
    mend = texts()[pattern].mend
    assert mend.startswith("$ ") or list(yaml.safe_load_all(mend))


def test_of_a_claim_that_is_not_there_nothing_is_said() -> None:
    """Those of one project's own tests have none."""
    assert advice("yaml.no-such-claim") is None
