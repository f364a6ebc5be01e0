"""Memory: what is set where, and what it must hold."""

from typing import Any

import pytest

from harness.tests.contracts.deployments import container, told, workload

LIMITED, REQUESTED = {"limits": {"memory": "64Mi"}}, {"requests": {"memory": "32Mi"}}


@pytest.mark.parametrize(
    ("of_pod", "of_container", "expected"),
    [
        ({}, LIMITED | REQUESTED, True),
        ({}, LIMITED, True),
        ({}, REQUESTED, False),
        (LIMITED | REQUESTED, {}, True),
        (LIMITED, REQUESTED, True),
        (REQUESTED, {}, False),
    ],
)
def test_limit_is_the_request_and_the_pods_is_its_containers(
    of_pod: dict[str, Any],
    of_container: dict[str, Any],
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    """The API server sets a request to the limit; a request alone limits nothing."""
    pod = workload("Pod", container("app", resources=of_container))
    pod["spec"]["resources"] = of_pod
    assert told("resources_are_set", pod) == [expected]


def test_volume_in_memory_has_a_size() -> None:
    """One without a size may fill what the other was counted with; one on disk is not in memory."""
    mounts = [{"name": name, "mountPath": f"/{name}"} for name in ("shm", "tmp", "cache")]
    pod = workload("Pod", container("app", volumeMounts=mounts))
    volumes = {"shm": {"medium": "Memory"}, "tmp": {"medium": "Memory", "sizeLimit": "1Mi"}, "cache": {}}
    pod["spec"]["volumes"] = [{"name": name, "emptyDir": each} for name, each in volumes.items()]
    assert told("memory_holds_its_volumes", pod) == [False, True]
    volumes["shm"]["sizeLimit"] = "1Mi"
    assert told("memory_holds_its_volumes", pod) == [True]
