"""Services: to whose pods they lead, and to which ports."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import pod_labels
from seatrial.manifests.selector import pod_selector

ROUTES = ("Ingress", "HTTPRoute")


def leads_to(service: Object, workload: Object) -> bool:
    """Tell whether a Service sends to the pods that a workload makes."""
    return pod_selector(service).selects(pod_labels(workload))


def is_reached_from_outside(workload: Object, objects: Iterable[Object]) -> bool:
    """Tell whether an Ingress, an HTTPRoute or a load balancer leads to a workload's pods."""
    objects = list(objects)
    routed = {
        name
        for found in objects
        if found["kind"] in ROUTES
        for name in _named(found.get("spec") or {}, ("service", "backendRefs"))
    }
    return any(
        found["kind"] == "Service"
        and leads_to(found, workload)
        and (found["spec"].get("type") == "LoadBalancer" or found["metadata"]["name"] in routed)
        for found in objects
    )


def _named(value: Any, fields: Collection[str]) -> Iterator[str]:
    """Yield the names of what some fields hold, at any depth."""
    for step, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        if step in fields:
            yield from (str(each.get("name")) for each in (inner if isinstance(inner, list) else [inner]))
        else:
            yield from _named(inner, fields)


def target_ports(service: Object, spec: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """Return a container's name, its port and the Service's entry for each port that a Service sends to."""
    for port in service["spec"].get("ports") or ():
        target = port.get("targetPort", port["port"])
        for container in spec["containers"]:
            for declared in container.get("ports") or ():
                if target in (declared.get("name"), declared["containerPort"]):
                    yield container["name"], declared["containerPort"], port
