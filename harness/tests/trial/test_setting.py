"""Which settings are made bad, and which are taken away: those of trial.toml, or else those of the manifests."""

from typing import Any

import pytest

from harness.tests.trial.synthetic import setting, start, subject
from seatrial.errors import ManifestError
from seatrial.logs import Log, Logs
from seatrial.trial.claims.setting import bad_fails_fast
from seatrial.trial.configuration import Configuration
from seatrial.trial.scenarios.setting import MISSING, SETTING, bad_settings, check, missing_settings
from seatrial.trial.subject import Subject
from seatrial.trial.verdict import Verdict


def of_key(source: str, **more: Any) -> Subject:
    """Return a subject that has a variable from a key of a ConfigMap or Secret, and one that is a text."""
    token = {"name": "TOKEN", "valueFrom": {source: {"name": "token", "key": "token", **more}}}
    return subject(env=[token, {"name": "MODE", "value": "fast"}])


def test_each_number_is_made_none_if_nobody_names_a_bad_setting() -> None:
    """All in one start; what is no number is left alone."""
    assert bad_settings(subject()) == [{"WORKERS": "trial-no-number"}]
    assert bad_settings(subject(Configuration(setting={"PORT": "x"}))) == [{"PORT": "x"}]
    assert bad_settings(of_key("secretKeyRef")) == []


@pytest.mark.parametrize("source", ["secretKeyRef", "configMapKeyRef"])
def test_variable_from_a_key_that_has_to_be_there_is_taken_away(source: str) -> None:
    """One that is optional may be missing anyway, and what is a text may have a default."""
    assert missing_settings(of_key(source)) == [{"TOKEN": None}]
    assert missing_settings(of_key(source, optional=True)) == []
    assert missing_settings(subject()) == []


def test_each_that_is_named_is_missing_by_itself() -> None:
    """A start that ends for want of one does not tell of the next."""
    named = Configuration(missing=("WORKERS", "LOG_FORMAT"))
    assert missing_settings(subject(named)) == [{"WORKERS": None}, {"LOG_FORMAT": None}]


def test_without_any_the_scenario_does_not_apply_and_says_what_can_be_named() -> None:
    """And applies where there is one."""
    assert "missing in trial.toml" in (MISSING.inapplicable(subject()) or "")
    assert "trial.toml" in (SETTING.inapplicable(of_key("secretKeyRef")) or "")
    assert MISSING.inapplicable(of_key("secretKeyRef")) is SETTING.inapplicable(subject()) is None


def test_missing_setting_that_nothing_sets_is_refused() -> None:
    """To take it away would change nothing, and the start would rightly succeed."""
    check(subject(Configuration(missing=("WORKERS",))))
    with pytest.raises(ManifestError, match="missing names 'WORKER'; allowed: a variable of a container"):
        check(subject(Configuration(missing=("WORKERS", "WORKER"))))


@pytest.mark.parametrize(
    ("failed", "logs", "verdict"),
    [
        ("web", (Log("proxy", "listening"), Log("web", "no\n")), Verdict.HELD),
        ("web", (Log("web", "\n"), Log("proxy", "listening\n")), Verdict.BROKEN),
        ("init", (Log("init", "no\n", note="exit code 1"),), Verdict.HELD),
        ("init", (Log("init", "", note="exit code 1"),), Verdict.BROKEN),
        ("web", (Log("web", "no\n", "web-5f", "before its restart"),), Verdict.HELD),
    ],
)
def test_only_what_failed_says_why(failed: str, logs: Logs, verdict: Verdict) -> None:
    """Not the container beside it, nor podman."""
    assert bad_fails_fast(setting(start(failed=(failed,), logs=logs))).verdict is verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("PORT: given many", Verdict.HELD),
        ('{"message": "1 error:\\nPORT is no number"}', Verdict.HELD),
        ("\x1b[1;31mPORT\x1b[0m is no number", Verdict.HELD),
        ("UNSUPPORTED: REPORT failed", Verdict.BROKEN),
        ("DB_PORT is no number", Verdict.BROKEN),
    ],
)
def test_message_names_a_setting_by_its_whole_name(said: str, verdict: Verdict) -> None:
    """Also behind an escaped end of line, or a colour."""
    started = start(given={"PORT": "many"}, logs=(Log("web", said),))
    assert bad_fails_fast(setting(started, chosen=True)).verdict is verdict


def test_end_at_once_is_that_of_what_failed() -> None:
    """A slow machine has more time; where it is not known how long it ran, nothing is said of it."""
    assert bad_fails_fast(setting(start(seconds=61.0))).verdict is Verdict.HELD
    late = bad_fails_fast(setting(start(seconds=63.0)))
    assert late.verdict is Verdict.BROKEN
    assert "at once is within 62 s" in late.evidence[1]
    assert bad_fails_fast(setting(start(seconds=63.0, at_once_seconds=float("inf")))).verdict is Verdict.HELD
