"""What the API server refuses, field by field: each a sound object with one thing wrong."""

from typing import Any

import pytest

from harness.tests.admission.refused import REFUSED
from harness.tests.admission.sound import sound, spoilt
from seatrial.admission.objects import refusals
from seatrial.contracts import kubernetes_schema


def test_deployment_that_is_ready_later_than_its_deadline_by_default_is_refused() -> None:
    """The deadline is 600 s where none is given."""
    found = spoilt("Deployment", "spec/progressDeadlineSeconds", None)
    found["spec"]["minReadySeconds"] = 599
    assert not list(refusals(found))
    found["spec"]["minReadySeconds"] = 600
    assert [str(each).partition(":")[0] for each in refusals(found)] == ["spec.progressDeadlineSeconds"]


@pytest.mark.parametrize("kind", [found["kind"] for found in sound()])
def test_sound_object_of_each_kind_is_not_refused(kind: str) -> None:
    """It fits its schema as well, so that what is spoilt below is all that is wrong."""
    (found,) = (each for each in sound() if each["kind"] == kind)
    assert kubernetes_schema.complaint(found, strict=True) is None
    assert not list(map(str, refusals(found)))


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    REFUSED,
    ids=[f"{kind}-{path.rpartition('/')[2]}-{str(value)[:20]}" for kind, path, value in REFUSED],
)
def test_object_with_one_thing_wrong_is_refused(kind: str, path: str, value: Any) -> None:
    """Each is refused, by one line or two that name a field."""
    found = spoilt(kind, path, value)
    refused = list(map(str, refusals(found)))
    assert 1 <= len(refused) <= 3, refused
    assert all(": " in line and "Traceback" not in line for line in refused)
