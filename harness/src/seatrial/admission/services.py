"""Services: ports, types, and what goes with which type."""

import ipaddress

from seatrial.admission import names
from seatrial.admission.containers import PROTOCOLS
from seatrial.admission.pods import address
from seatrial.admission.probes import port_given
from seatrial.admission.refusal import Path, Refusal, Refusals, between, follows, listed, one_of, part, required, unique
from seatrial.manifests.kustomize import Object

SPEC: Path = ("spec",)
TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
OUTSIDE = ("NodePort", "LoadBalancer")
"""Types that are reached from outside of the cluster."""
NODE_PORTS = (30000, 32767)
AFFINITY_SECONDS = (1, 86400)


def service(found: Object) -> Refusals:
    """Refuse a Service."""
    spec = found["spec"]
    kind = spec.get("type") or "ClusterIP"
    headless = spec.get("clusterIP") == "None"
    yield from follows(found["metadata"], ("metadata",), "name", names.host)
    yield from one_of(spec, SPEC, "type", TYPES)
    if not spec.get("ports") and not headless and kind != "ExternalName":
        yield Refusal((*SPEC, "ports"), "it is required, but for a headless Service")
    yield from _ports(found, kind)
    yield from names.labels(part(spec, "selector"), (*SPEC, "selector"))
    if headless and kind in OUTSIDE:
        yield Refusal((*SPEC, "clusterIP"), f"None does not go with type {kind}")
    if kind == "ExternalName":
        yield from required(spec, SPEC, "externalName")
        yield from follows(spec, SPEC, "externalName", lambda name: names.subdomain(name.removesuffix(".")))
        if spec.get("clusterIP"):
            yield Refusal((*SPEC, "clusterIP"), "type ExternalName has none")
    yield from _addresses(found)
    yield from _only_outside(found, kind)
    yield from one_of(spec, SPEC, "sessionAffinity", ("ClientIP", "None"))
    client, here = part(part(spec, "sessionAffinityConfig"), "clientIP"), (*SPEC, "sessionAffinityConfig", "clientIP")
    yield from between(client, here, "timeoutSeconds", *AFFINITY_SECONDS)
    if spec.get("sessionAffinityConfig") and spec.get("sessionAffinity") != "ClientIP":
        yield Refusal((*SPEC, "sessionAffinityConfig"), "it goes with sessionAffinity ClientIP")
    yield from one_of(spec, SPEC, "internalTrafficPolicy", ("Cluster", "Local"))
    yield from one_of(spec, SPEC, "ipFamilyPolicy", ("SingleStack", "PreferDualStack", "RequireDualStack"))
    families = spec.get("ipFamilies") or ()
    yield from unique(((*SPEC, "ipFamilies", number), family) for number, family in enumerate(families))
    for number, family in enumerate(families):
        if family not in ("IPv4", "IPv6"):
            yield Refusal((*SPEC, "ipFamilies", number), f"given {family!r}; allowed: IPv4, IPv6")


def _ports(found: Object, kind: str) -> Refusals:
    ports = list(listed(found["spec"], SPEC, "ports"))
    for here, port in ports:
        yield from required(port, here, *(("name",) if len(ports) > 1 else ()))
        yield from follows(port, here, "name", names.label)
        yield from port_given(port, here, "port")
        yield from one_of(port, here, "protocol", PROTOCOLS)
        if port.get("targetPort") not in (None, 0):
            yield from port_given(port, here, "targetPort")
        yield from follows(port, here, "appProtocol", names.qualified)
        if port.get("nodePort"):
            if kind not in OUTSIDE:
                yield Refusal((*here, "nodePort"), f"type {kind} has none")
            yield from between(port, here, "nodePort", *NODE_PORTS)
    yield from unique(((*here, "name"), port.get("name")) for here, port in ports)
    yield from unique((here, (port.get("port"), port.get("protocol") or "TCP")) for here, port in ports)
    node_ports = (
        (here, (port["nodePort"], port.get("protocol") or "TCP")) for here, port in ports if port.get("nodePort")
    )
    yield from unique(((*here, "nodePort"), asked) for here, asked in node_ports)


def _addresses(found: Object) -> Refusals:
    spec = found["spec"]
    if (given := spec.get("clusterIP")) not in (None, "", "None"):
        yield from address(given, (*SPEC, "clusterIP"))
    for number, given in enumerate(spec.get("externalIPs") or ()):
        here = (*SPEC, "externalIPs", number)
        if wrong := list(address(given, here)):
            yield from wrong
        elif (known := ipaddress.ip_address(given)).is_loopback or known.is_unspecified or known.is_link_local:
            yield Refusal(here, f"given {given}; allowed: an address that others can reach")
    for number, given in enumerate(spec.get("loadBalancerSourceRanges") or ()):
        yield from network(given.strip(), (*SPEC, "loadBalancerSourceRanges", number))


def network(given: object, path: Path) -> Refusals:
    """Refuse what is no range of IP addresses."""
    try:
        if "/" not in str(given):
            raise ValueError  # noqa: TRY301 - the same words for both
        ipaddress.ip_network(str(given), strict=False)
    except ValueError:
        yield Refusal(path, f"given {given!r}; allowed: a range of IP addresses, as 10.0.0.0/8")


def _only_outside(found: Object, kind: str) -> Refusals:
    spec = found["spec"]
    yield from one_of(spec, SPEC, "externalTrafficPolicy", ("Cluster", "Local"))
    if spec.get("externalTrafficPolicy") and kind not in OUTSIDE and not spec.get("externalIPs"):
        yield Refusal((*SPEC, "externalTrafficPolicy"), f"type {kind} has none")
    for name in ("loadBalancerClass", "loadBalancerSourceRanges", "allocateLoadBalancerNodePorts"):
        if spec.get(name) and kind != "LoadBalancer":
            yield Refusal((*SPEC, name), f"it goes with type LoadBalancer, not {kind}")
