"""Who reaches whom: Services, policies, routes and monitors name ports and objects that exist."""

from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay, together
from seatrial.contracts.selectors import looks_at, selected
from seatrial.manifests.kustomize import Object
from seatrial.manifests.place import Place, called, whole
from seatrial.manifests.selector import LabelSelector, pod_selector
from seatrial.manifests.workload import Workload

BY_ANNOTATION = "use-annotation"
"""What AWS' controller has for the port of what is no Service, but one of its actions."""


def _has_port(workload: Workload, port: int | str) -> bool | None:
    """Tell whether pods have a port; None where that cannot be known: none serves, or it is an unlisted number.

    To list a port is information alone: any number may be listened on.
    """
    containers = list(workload.serving())
    listed = [each for container in containers for each in container.ports]
    if any(port in (each.get("name"), each["containerPort"]) for each in listed):
        return True
    return None if not containers or isinstance(port, int) else False


def _reaches(where: Place, what: str, pods: list[Workload], port: int | str) -> Iterator[Check]:
    for workload in pods:
        there = _has_port(workload, port)
        if there is not None:
            yield Check(where, there, f"{what} {port} {'of' if there else 'is none of'} {workload.where}")


def _reaches_some(where: Place, what: str, pods: list[Workload], port: int | str) -> Iterator[Check]:
    """Check that a port is one of any of these pods: a rule for several workloads has the ports of all."""
    found = [_has_port(workload, port) for workload in pods]
    if any(found) or (found and None not in found):
        names = ", ".join(str(workload.where) for workload in pods)
        yield Check(where, any(found), f"{what} {port} {'of' if any(found) else 'is none of'} {names}")


@contract
def service_ports_exist(overlay: Overlay) -> Iterator[Check]:
    """A Service's target ports, where they are names, are names of ports of the pods that it selects."""
    for found in overlay.of_kind("Service"):
        for index, port in enumerate(found["spec"].get("ports", ())):
            where, target = whole(found).at("spec", "ports", index), port.get("targetPort", port["port"])
            yield from _reaches(where, "target port", selected(overlay, found), target)


@contract
def policy_ports_exist(overlay: Overlay) -> Iterator[Check]:
    """A NetworkPolicy opens ports that are there: of its own pods, and of those of this overlay that these may call."""
    for found in overlay.of_kind("NetworkPolicy"):
        own = selected(overlay, found) if pod_selector(found) else []
        for index, rule in enumerate(found["spec"].get("ingress", ())):
            for port in _named(rule):
                yield from _reaches_some(whole(found).at("spec", "ingress", index), "ingress port", own, port)
        for index, rule in enumerate(found["spec"].get("egress", ())):
            peers = [peer["podSelector"] for peer in rule.get("to", ()) if peer.keys() == {"podSelector"}]
            selectors = filter(None, map(LabelSelector.parse, peers))
            pods = [workload for selector in selectors for workload in selected(overlay, found, selector)]
            for port in _named(rule):
                yield from _reaches_some(whole(found).at("spec", "egress", index), "egress port", pods, port)


def _named(rule: Mapping[str, Any]) -> list[int | str]:
    """Return the ports that a rule names one by one: no range, and not all ports of a protocol."""
    return [port["port"] for port in rule.get("ports", ()) if "port" in port and "endPort" not in port]


def _service_has_port(service: Object, port: Any) -> bool:
    return any(port in (each.get("name"), each["port"]) for each in service["spec"].get("ports", ()))


def _backends(found: Object) -> Iterator[tuple[str, Any]]:
    """Yield the name and the port, by number or name, of every Service that an Ingress or HTTPRoute leads to."""
    spec = found.get("spec", {})
    rules = [
        path.get("backend", {}) for rule in spec.get("rules", ()) for path in rule.get("http", {}).get("paths", ())
    ]
    for backend in (spec.get("defaultBackend", {}), *rules):
        service = backend.get("service", {})
        port = service.get("port", {})
        if service and port.get("name") != BY_ANNOTATION:
            yield service["name"], port.get("name", port.get("number"))
    for rule in spec.get("rules", ()):
        for reference in rule.get("backendRefs", ()):
            if reference.get("kind", "Service") == "Service" and "namespace" not in reference:
                yield reference.get("name", ""), reference.get("port")


@contract
def routes_reach_services(overlay: Overlay) -> Iterator[Check]:
    """An Ingress or HTTPRoute leads to a Service that is there, and to a port of it."""
    for found in overlay.of_kind("Ingress", "HTTPRoute"):
        near = (each for each in overlay.of_kind("Service") if together(found, each))
        services = {each["metadata"]["name"]: each for each in near}
        if not services and not list(overlay.workloads()):
            continue  # what it leads to is deployed with something else
        for name, port in _backends(found):
            there = name in services and _service_has_port(services[name], port)
            text = f"leads to Service {name}, port {port}" + ("" if there else f"; there are: {_listed(services)}")
            yield Check(whole(found).at("spec"), there, text)


def _listed(services: Mapping[str, Object]) -> str:
    return ", ".join(
        f"{name} {port.get('name', '')} {port['port']}"
        for name, service in services.items()
        for port in service["spec"].get("ports", ())
    )


@contract
def monitors_reach_ports(overlay: Overlay) -> Iterator[Check]:
    """A PodMonitor or ServiceMonitor scrapes a port that the pods or Services it selects have by that name."""
    for found in overlay.of_kind("PodMonitor"):
        for index, endpoint in enumerate(found.get("spec", {}).get("podMetricsEndpoints", ())):
            if port := endpoint.get("port"):
                where = whole(found).at("spec", "podMetricsEndpoints", index)
                yield from _reaches_some(where, "port", selected(overlay, found), port)
    for found in overlay.of_kind("ServiceMonitor"):
        services = [
            service
            for service in overlay.of_kind("Service")
            if pod_selector(found).selects(service["metadata"].get("labels", {})) and looks_at(found, service)
        ]
        for index, endpoint in enumerate(found.get("spec", {}).get("endpoints", ())):
            if (port := endpoint.get("port")) and services:
                there = any(_service_has_port(service, port) for service in services)
                names = ", ".join(map(called, services))
                yield Check(
                    whole(found).at("spec", "endpoints", index),
                    there,
                    f"port {port} {'of' if there else 'is none of'} {names}",
                )
