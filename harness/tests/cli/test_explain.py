"""`seatrial explain`: every claim can be explained, and one that is misspelt is told with those like it."""

import pytest

from seatrial import cli
from seatrial.trial import catalogue


def test_without_a_claim_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each, with its sentence."""
    assert cli.main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [claim.id for claim in catalogue.claims()]


@pytest.mark.parametrize("claim", ["sigterm.no-request-lost", "yaml.images-are-pinned"])
def test_claim_is_explained_from_why_to_source(claim: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence first, the remedy before the code."""
    assert cli.main(["explain", claim]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{claim} (")
    places = [told.index(part) for part in ("Why it matters", "What breaks it", "How to mend it", "Source", "https://")]
    assert places == sorted(places)


def test_claim_that_there_is_not_is_one_line_with_those_like_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2."""
    assert cli.main(["explain", "sigterm.no-request-losed"]) == 2
    assert (
        "there is no claim 'sigterm.no-request-losed'; did you mean sigterm.no-request-lost" in capsys.readouterr().err
    )
