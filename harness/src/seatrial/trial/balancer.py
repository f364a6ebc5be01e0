"""A load balancer that follows readiness: until when it may send to a pod that is being deleted."""

from seatrial.manifests.pods import Container

PROPAGATION_SECONDS = 1.0
"""From a failed readiness to the last proxy's rules; kube-proxy's minSyncPeriod is 1 s, and 0.85 s were measured."""


def notice_seconds(container: Container) -> float:
    """Return how long after a pod's deletion requests may still be sent to it.

    Readiness has to fail as often as its threshold says, the last time as late as its timeout, and the word to spread.
    """
    readiness = container.readiness
    if readiness is None:
        return PROPAGATION_SECONDS
    return readiness.period_seconds * readiness.failure_threshold + readiness.timeout_seconds + PROPAGATION_SECONDS


def arithmetic(container: Container) -> str:
    """Return the same in words."""
    readiness = container.readiness
    if readiness is None:
        return f"no readiness probe; {PROPAGATION_SECONDS:g} s until the proxies know"
    return (
        f"{readiness.failure_threshold} readiness attempts, {readiness.period_seconds:g} s apart, a timeout of"
        f" {readiness.timeout_seconds:g} s, {PROPAGATION_SECONDS:g} s until the proxies know:"
        f" {notice_seconds(container):g} s"
    )
