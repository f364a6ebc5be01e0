"""The kubelet's CrashLoopBackOff."""

from seatrial.kubelet.backoff import CrashLoopBackOff


def test_backoff_doubles_up_to_its_maximum() -> None:
    """The first restart is immediate, then 10 s, doubled up to 300 s."""
    backoff = CrashLoopBackOff()
    assert [backoff.after(ran_seconds=1.0) for _ in range(8)] == [0, 10, 20, 40, 80, 160, 300, 300]


def test_backoff_begins_anew_when_the_container_ran_for_long() -> None:
    """Ten minutes of running forget the crashes before, a little less does not."""
    backoff = CrashLoopBackOff()
    assert [backoff.after(ran_seconds) for ran_seconds in (1.0, 1.0, 599.0, 600.0, 1.0)] == [0, 10, 20, 0, 10]
