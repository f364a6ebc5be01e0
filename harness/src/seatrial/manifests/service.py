"""Services: to whose pods they lead, and to which ports."""

from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import pod_labels
from seatrial.manifests.selector import pod_selector


def leads_to(service: Object, workload: Object) -> bool:
    """Tell whether a Service sends to the pods that a workload makes."""
    return pod_selector(service).selects(pod_labels(workload))


def target_ports(service: Object, spec: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """Return a container's name, its port and the Service's entry for each port that a Service sends to."""
    for port in service["spec"].get("ports") or ():
        target = port.get("targetPort", port["port"])
        for container in spec["containers"]:
            for declared in container.get("ports") or ():
                if target in (declared.get("name"), declared["containerPort"]):
                    yield container["name"], declared["containerPort"], port
