"""What a deployment wrote, made safe to show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.text import visible


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("nul\x00", r"nul\x00"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udc80", r"\udc80"),
        ("over\rwritten", r"over\x0dwritten"),
        ("\ufeffmark", r"\ufeffmark"),
        ("pass\u200bword", r"pass\u200bword"),
        ("pass\xadword", r"pass\xadword"),
        ("pass\u2060word", r"pass\u2060word"),
        ("\ufff9note", r"\ufff9note"),
        ("tag\U000e0041", r"tag\U000e0041"),
    ],
)
def test_what_is_unseen_or_deceives_is_written_out(hostile: str, shown: str) -> None:
    """Terminal colours, reversed text, lone surrogates: a reader sees that they are there, and no parser trips."""
    assert visible(hostile) == shown


@pytest.mark.parametrize("harmless", ["", "tab\tand\nline", "näïve ✓ 日本語 🚢 \u0600", "<script>&amp;"])
def test_what_can_be_read_stays_as_it_is(harmless: str) -> None:
    """Markup, too: escaping it is the business of who writes the file."""
    assert visible(harmless) == harmless


@given(st.text(st.characters()))
def test_any_text_can_be_encoded_afterwards(text: str) -> None:
    """Once is enough: nothing unseen is left, and nothing else changes."""
    assert visible(text).encode() == visible(visible(text)).encode()
