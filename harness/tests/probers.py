"""Probers of containers, and what they observe, for tests."""

from seatrial.kubelet.prober import ContainerProber, Observed, ProbeType
from seatrial.manifests.pods import Container
from seatrial.manifests.probe import Exec, Probe

STARTUP, READINESS, LIVENESS = ProbeType.STARTUP, ProbeType.READINESS, ProbeType.LIVENESS


def probe(**changes: float) -> Probe:
    """Return a probe with Kubernetes' defaults but for the changes."""
    return Probe(Exec(("true",)), **changes)  # type: ignore[arg-type]


def prober(**probes: Probe) -> ContainerProber:
    """Return the prober of a container with these probes."""
    return ContainerProber(Container("web", "pod-web", "image", **probes))  # type: ignore[arg-type]


def running(seconds: float = 100.0, instance: str = "1") -> Observed:
    """Return a running container."""
    return Observed(instance, running=True, running_seconds=seconds)
