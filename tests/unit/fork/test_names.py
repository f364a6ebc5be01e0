"""What a service may be called, and how its files write it."""

import pytest

from fork.errors import ForkError
from fork.names import LONGEST, Name


@pytest.mark.parametrize("text", ["a", "harborlog", "anchor", "harbor-log", "h2", "x" * LONGEST])
def test_label_is_a_name(text: str) -> None:
    """Of any length that leaves room for what is made of it."""
    assert Name.read(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "Harbor", "harbor_log", "harbor.log", "2harbor", "-harbor", "harbor-", "harbor--log", "häfen"),
        *("harbor log", "harbor\n", "../harbor", "x" * (LONGEST + 1)),  # no label
        *("class", "match", "seatrial", "postgres", "proxy", "app", "tests", "default", "kube-system"),  # taken
    ],
)
def test_what_is_no_name_is_refused_in_one_line(text: str) -> None:
    """The message says what was given, what is allowed, and what to type."""
    with pytest.raises(
        ForkError, match=r"allowed: an RFC 1123 label of 1 to 23 .*`make rename NAME=harbor-log`"
    ) as caught:
        Name.read(text)
    assert f"given {text!r}" in str(caught.value)


def test_name_has_a_form_for_each_place() -> None:
    """Metrics and databases want no hyphens, alerts none and capitals, people a space."""
    name = Name.read("harbor-log")
    assert (name.snake, name.pascal, name.title) == ("harbor_log", "HarborLog", "Harbor log")
