"""preStop hooks: how long they take, as far as the YAML says."""

from typing import Any

import pytest

from harness.tests.contracts.deployments import container, workload
from seatrial.contracts.overlay import Overlay
from seatrial.contracts.termination import pre_stop


@pytest.mark.parametrize(
    ("hook", "text"),
    [
        (None, "preStop 0"),
        ({"sleep": {"seconds": 12}}, "preStop 12 (sleep)"),
        ({"exec": {"command": ["sleep", "5"]}}, "preStop 5 (exec sleep 5)"),
        ({"exec": {"command": ["sh", "-c", "sleep 3; nginx -s quit; sleep 1.5"]}}, "preStop 4.5 (exec"),
        ({"exec": {"command": ["sh", "-c", "sleep 1m; sleep 2s"]}}, "preStop 62 (exec"),
        ({"exec": {"command": ["nginx", "-s", "quit"]}}, "preStop 0 (exec nginx -s quit, at least)"),
        ({"httpGet": {"path": "/drain", "port": 8080}}, "preStop 0 (httpGet /drain, at least)"),
    ],
)
def test_hook_takes_as_long_as_it_sleeps(hook: dict[str, Any] | None, text: str) -> None:
    """What else it does cannot be read, and is said to be the least."""
    lifecycle = {"lifecycle": {"preStop": hook}} if hook else {}
    (found,) = Overlay("theirs", [workload("Pod", container("app", **lifecycle))]).containers()
    assert str(pre_stop(found)).startswith(text)
