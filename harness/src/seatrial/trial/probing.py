"""How long the kubelet takes to act on a probe, by its manifest, and what its attempts tell."""

from collections.abc import Iterable

from seatrial.manifests.pods import Container
from seatrial.manifests.probe import Probe
from seatrial.timeline import Event, Kind, Timeline

UNPROBED_SECONDS = 30.0
"""What something without a probe may take to mend itself."""
PROMPTLY = 0.1
"""A part of a probe's timeout, within which nothing fails for want of a core."""


def detection_seconds(probe: Probe | None) -> float:
    """Return how long after a failure the probe has failed often enough: each period once, the last to its timeout."""
    if probe is None:
        return UNPROBED_SECONDS
    return probe.period_seconds * probe.failure_threshold + probe.timeout_seconds


def leaving_seconds(containers: Iterable[Container]) -> float:
    """Return how long after a failure the readiness of each of these containers has failed often enough."""
    probes = (each.readiness for each in containers if each.readiness)
    return max(map(detection_seconds, probes), default=UNPROBED_SECONDS)


def recovery_seconds(probe: Probe | None) -> float:
    """Return how long after a recovery the probe has succeeded often enough."""
    return 0.0 if probe is None else probe.period_seconds * probe.success_threshold + probe.timeout_seconds


def promptly(probe: Probe, attempt: Event) -> bool:
    """Tell whether an attempt took so little of the timeout that a busy machine is not why it failed."""
    return attempt.seconds <= probe.timeout_seconds * PROMPTLY


def out_of_service(timeline: Timeline, names: Iterable[str], since: float, until: float = float("inf")) -> Event | None:
    """Return since when the first of these was not ready, and stayed so: what is ready again had noticed nothing."""
    found = (event for each in names if (event := _stays_not_ready(timeline, each, since, until)))
    return min(found, key=lambda event: event.at, default=None)


def _stays_not_ready(timeline: Timeline, name: str, since: float, until: float) -> Event | None:
    ready = timeline.of(Kind.READY, subject=name, since=since, until=until)
    return timeline.first(Kind.NOT_READY, name, ready[-1].at if ready else since)
