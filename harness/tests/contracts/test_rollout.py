"""Rollouts: how many pods one takes away, and how long it may take."""

from typing import Any

import pytest

from harness.tests.contracts.deployments import PROBE, container, selector, told, workload


@pytest.mark.parametrize(
    ("replicas", "given", "expected"),
    [
        (3, {"maxSurge": 0, "maxUnavailable": "25%"}, [False]),
        (3, {"maxSurge": 1, "maxUnavailable": "25%"}, [True]),
        (4, {"maxSurge": 1, "maxUnavailable": "25%"}, [False]),
        (1, {"maxSurge": 0, "maxUnavailable": 1}, []),
    ],
)
def test_rollout_takes_away_what_kubernetes_makes_of_it(
    replicas: int, given: dict[str, Any], expected: list[bool]
) -> None:
    """Where both numbers are rounded to 0 it takes one; of a single replica nothing is asked."""
    strategy = {"rollingUpdate": given}
    found = workload("Deployment", container("app"), replicas=replicas, strategy=strategy, **selector("app"))
    assert told("rollout_keeps_capacity", found) == expected


@pytest.mark.parametrize(("delay", "expected"), [(500, True), (600, False)])
def test_rollout_waits_for_a_probe_that_begins_late(delay: int, expected: bool) -> None:  # noqa: FBT001
    """The delay is a part of the time to start."""
    app = container("app", startupProbe=PROBE | {"initialDelaySeconds": delay})
    assert told("rollout_has_time", workload("Deployment", app, **selector("app"))) == [expected]
