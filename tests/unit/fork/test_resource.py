"""The words of a resource, and what the example's text becomes with them."""

import pytest

from fork.errors import ForkError
from fork.resource import Resource


@pytest.mark.parametrize(
    ("one", "many"),
    [("vessel", "vessels"), ("box", "boxes"), ("berth", "berths"), ("entry", "entries"), ("quay", "quays")],
)
def test_plural_is_the_usual_one(one: str, many: str) -> None:
    """Unless it is given."""
    assert Resource.read(one).many == many
    assert Resource.read(one, "others").many == "others"


@pytest.mark.parametrize("words", [("",), ("Vessel",), ("ship_visit",), ("class",), ("x" * 19,), ("sheep", "sheep")])
def test_what_is_no_word_is_refused_in_one_line(words: tuple[str, ...]) -> None:
    """The message says what is allowed and what to type."""
    with pytest.raises(ForkError, match=r"^given .*; allowed: two English nouns .*`make resource NAME=vessel`"):
        Resource.read(*words)


def test_text_of_the_example_is_about_the_resource() -> None:
    """In every form of the word, with its article."""
    text = 'class NoteIn: "A note of NOTES; a note has note_id, /api/v1/notes, uq_notes_title; not another, noqa."'
    assert Resource.read("anchor").said(text) == (
        'class AnchorIn: "An anchor of ANCHORS; an anchor has anchor_id, /api/v1/anchors, uq_anchors_title; '
        'not another, noqa."'
    )
