"""What is logged: values of Secrets in every form that a log may have them in, and lines that are no JSON object."""

import json

import pytest

from harness.tests.trial.synthetic import lifetime
from seatrial.trial.claims.load import logs_json, logs_no_secrets
from seatrial.trial.verdict import Verdict

PEM = "-----BEGIN PRIVATE KEY-----\nMIIabcdefgh\nij==\n-----END PRIVATE KEY-----\n"


def judged(value: str, logged: str) -> Verdict:
    """Return the verdict on a log, given the value of a Secret."""
    return logs_no_secrets(lifetime(secrets={"x/y": value}, logs=f"{logged}\n")).verdict


@pytest.mark.parametrize(
    ("value", "logged"),
    [
        ("correct horse\n", "postgres://app:correct horse@db"),
        ('pa"ssword', json.dumps({"given": 'pa"ssword'})),
        ("pässword", json.dumps({"given": "pässword"})),
        ('pä"ssword', json.dumps({"given": 'pä"ssword'}, ensure_ascii=False)),
        (PEM, json.dumps({"given": PEM})),
        (PEM, "key: MIIabcdefgh"),
    ],
)
def test_value_of_a_secret_is_found_in_whatever_form_it_is_logged(value: str, logged: str) -> None:
    """Without the line's end that `echo` has left, as JSON writes it, and a key line by line."""
    assert judged(value, logged) is Verdict.BROKEN


@pytest.mark.parametrize(
    ("value", "logged"),
    [
        (" \n" * 8, " \n" * 8),
        ("horse\n\n\n", "horse\n\n\n"),
        (PEM, "-----BEGIN PRIVATE KEY-----\nij=="),
        ("[server]\nfull-name: x\n", "[server]"),
    ],
)
def test_what_is_no_secret_may_be_logged(value: str, logged: str) -> None:
    """Blanks, a value that is short but for them, the lines around a key, and one of a configuration's many lines."""
    assert judged(value, logged) is Verdict.HELD


def test_line_that_nests_too_deep_to_be_read_is_no_object() -> None:
    """It is the subject's text, and must not end the trial."""
    assert logs_json(lifetime(logs="[" * 100_000)).verdict is Verdict.BROKEN
