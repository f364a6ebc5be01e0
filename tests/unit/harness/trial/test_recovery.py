"""When a worker that was killed counts as replaced."""

import pytest

from tests.harness.trial.scenarios.recovery import replaced


@pytest.mark.parametrize(
    ("now", "restarted", "ready", "told"),
    [
        ([7, 9], False, True, True),
        ([7], False, True, False),
        ([6, 7], False, True, False),
        ([], True, True, True),
        ([], True, False, False),
        ([], False, True, False),
    ],
)
def test_worker_is_replaced_when_as_many_listen_again_or_a_restart_is_over(
    now: list[int], *, restarted: bool, ready: bool, told: bool
) -> None:
    """A container whose only worker was the service itself is restarted: nothing of the old one will ever listen."""
    assert replaced([6, 7], now, restarted=restarted, ready=ready) is told
