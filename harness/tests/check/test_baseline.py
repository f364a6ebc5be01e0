"""A baseline: what is broken today is accepted, and what is new is not."""

from pathlib import Path

import pytest

from seatrial.check import baseline
from seatrial.errors import ManifestError, ReportError
from seatrial.trial.verdict import Breach, Claim, Finding, Verdict

CLAIM = Claim("yaml.images-are-pinned", "Every image has an exact tag.", static=True)
ONE = Breach("Pod shop/one", "Pod one, container app", "image app: no exact tag", "one.yaml", 7)
OTHER = Breach("Pod shop/other", "Pod other, container app", "image app: no exact tag", "one.yaml", 17)
GENERATED = Breach("ConfigMap shop/settings-5g68mg2m26", "ConfigMap settings-5g68mg2m26", "a secret")


def broken(*breaches: Breach) -> Finding:
    """Return the claim as broken at these places."""
    return Finding(CLAIM, Verdict.BROKEN, tuple(each.text for each in breaches), breaches=breaches)


def accepted(path: Path, before: Finding, now: Finding) -> Finding:
    """Return what is left of a finding with a baseline of an earlier one."""
    baseline.write([before], path)
    (found,) = baseline.accept([now], baseline.read(path))
    return found


def test_what_was_broken_is_accepted_wherever_it_has_moved(tmp_path: Path) -> None:
    """Lines and numbers change for other reasons."""
    moved = Breach(ONE.object, ONE.where, "image app:latest: no exact tag", "other.yaml", 70)
    assert accepted(tmp_path / "b", broken(ONE), broken(moved)).exempt == "in the baseline"


@pytest.mark.parametrize("now", [(ONE, OTHER), (ONE, ONE), (OTHER,)])
def test_what_is_new_is_broken(tmp_path: Path, now: tuple[Breach, ...]) -> None:
    """Another object, or one place more of the same."""
    found = accepted(tmp_path / "b", broken(ONE), broken(*now))
    assert found.exempt is None
    assert [each.exempt for each in found.breaches] == (["in the baseline", None] if ONE in now else [None])


def test_generated_name_is_known_again_with_another_hash(tmp_path: Path) -> None:
    """It changes with what is in it."""
    now = Breach("ConfigMap shop/settings-6dct98m6tb", "ConfigMap settings-6dct98m6tb", "a secret")
    assert accepted(tmp_path / "b", broken(GENERATED), broken(now)).exempt


def test_what_has_an_exemption_needs_no_baseline(tmp_path: Path) -> None:
    """It is not written, and not counted."""
    exempt = Finding(CLAIM, Verdict.BROKEN, (), exempt="old", breaches=(ONE,))
    assert baseline.write([exempt, Finding(CLAIM, Verdict.HELD, ())], tmp_path / "b") == 0
    assert not baseline.read(tmp_path / "b")


@pytest.mark.parametrize("text", ["", "[]", "{}", "\xff", '{"$schema": "urn:seatrial:trial:1", "accepted": []}'])
def test_what_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    """With what makes one."""
    path = tmp_path / "b"
    path.write_text(text, "latin-1")
    with pytest.raises(ManifestError, match=r"is no baseline \(urn:seatrial:baseline:1\); --write-baseline makes one"):
        baseline.read(path)
    with pytest.raises(ManifestError, match="nowhere cannot be read: No such file"):
        baseline.read(tmp_path / "nowhere")
    with pytest.raises(ReportError, match="cannot be written: No such file"):
        baseline.write([], tmp_path / "nowhere" / "b")
