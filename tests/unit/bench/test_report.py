"""The table and the JSON."""

import json
from pathlib import Path

import pytest

from bench import report
from bench.rounds import spread
from bench.rows import Row, at_least


def test_a_row_has_its_goal_its_median_and_its_range() -> None:
    """The reader sees how far the rounds lie apart."""
    table = report.markdown([Row("speed", "x", spread([0.7, 0.9, 0.8]), at_least(0.85))], {})
    assert "| speed | ≥ 0.85 x | 0.8 x (0.7 to 0.9) | **missed** |  |" in table


def test_one_sample_has_no_range() -> None:
    """A range of one would pretend."""
    assert "| size |  | 214 MiB |  |  |" in report.markdown([Row("size", "MiB", spread([214.2]))], {})


def test_what_was_not_measured_says_why() -> None:
    """And shows no number."""
    assert "| database |  |  | not measured | no image |" in report.markdown(
        [Row("database", "", None, None, "no image")], {}
    )


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.1234, "0.123"), (1.234, "1.23"), (85.25, "85.2"), (120, "120"), (14159.6, "14160")]
)
def test_numbers_have_three_digits_and_no_exponent(value: float, text: str) -> None:
    """Trailing zeros of whole numbers stay."""
    assert report.markdown([Row("n", "", spread([value]))], {}).count(f"| {text} |") == 1


def test_the_json_has_every_sample(tmp_path: Path) -> None:
    """What the table sums up can be computed again."""
    report.write([Row("speed", "x", spread([0.7, 0.9]))], {"kernel": "6"}, tmp_path)
    found = json.loads((tmp_path / "results.json").read_text())
    assert found["rows"][0]["measured"]["samples"] == [0.7, 0.9]
    assert found["machine"] == {"kernel": "6"}
    assert (tmp_path / "results.md").read_text().startswith("# Results")
