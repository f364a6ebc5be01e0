"""Services whose port is not their container's: which ports the workload's pod maps for itself on podman."""

import json
from collections.abc import Mapping

from seatrial.manifests.kustomize import Object

MAPPED_PORTS = "seatrial.dev/mapped-ports"
"""The annotation of a workload with the ports of Services that lead to others of its pod, as JSON."""


def annotate(workload: Object, ports: Mapping[int, int]) -> None:
    """Have a workload's pod map ports."""
    workload["metadata"].setdefault("annotations", {})[MAPPED_PORTS] = json.dumps(ports)


def mapped_ports(workload: Object) -> dict[int, int]:
    """Return the ports that a workload's pod has to map, and where they lead."""
    given = (workload["metadata"].get("annotations") or {}).get(MAPPED_PORTS, "{}")
    return {int(port): target for port, target in json.loads(given).items()}
