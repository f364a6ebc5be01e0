"""Ingresses and network policies: who is let in, and to what."""

import ipaddress

from seatrial.admission import names
from seatrial.admission.containers import PROTOCOLS
from seatrial.admission.probes import PORTS
from seatrial.admission.refusal import Fields, Path, Refusal, Refusals, between, follows, listed, one_of, part, required
from seatrial.admission.services import network
from seatrial.manifests.kustomize import Object

SPEC: Path = ("spec",)
PATH_TYPES = ("Exact", "Prefix", "ImplementationSpecific")
CLASS = "kubernetes.io/ingress.class"
NOT_IN_PATHS = ("//", "/./", "/../", "%2f", "%2F")
NOT_AT_END = ("/..", "/.")


def ingress(found: Object) -> Refusals:
    """Refuse an Ingress."""
    spec = found["spec"]
    if not spec.get("rules") and spec.get("defaultBackend") is None:
        yield Refusal(SPEC, "it has neither `defaultBackend` nor `rules`")
    if (backend := spec.get("defaultBackend")) is not None:
        yield from _backend(backend, (*SPEC, "defaultBackend"))
    if spec.get("ingressClassName") and part(found["metadata"], "annotations").get(CLASS):
        yield Refusal(("metadata", "annotations", CLASS), "it has `ingressClassName` besides")
    yield from follows(spec, SPEC, "ingressClassName", names.subdomain)
    for here, tls in listed(spec, SPEC, "tls"):
        yield from follows(tls, here, "secretName", names.subdomain)
        for number, host in enumerate(tls.get("hosts") or ()):
            yield from _host(host, (*here, "hosts", number))
    for here, rule in listed(spec, SPEC, "rules"):
        if host := rule.get("host"):
            yield from _host(host, (*here, "host"))
        http = rule.get("http")
        if http is not None:
            yield from required(http, (*here, "http"), "paths")
        for at, path in listed(http or {}, (*here, "http"), "paths"):
            yield from _path(path, at)


def _host(host: str, path: Path) -> Refusals:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if wrong := names.wildcard(host):
            yield Refusal(path, wrong)
    else:
        yield Refusal(path, f"given {host}; allowed: a name, no address")


def _path(given: Fields, here: Path) -> Refusals:
    yield from required(given, here, "pathType")
    yield from one_of(given, here, "pathType", PATH_TYPES)
    text = str(given.get("path") or "")
    exact = given.get("pathType") in PATH_TYPES[:2]
    if not text.startswith("/") and (text or exact):
        yield Refusal((*here, "path"), f"given {text!r}; allowed: a path from `/`")
    if exact and (any(part in text for part in NOT_IN_PATHS) or text.endswith(NOT_AT_END)):
        yield Refusal((*here, "path"), f"given {text!r}; not allowed: {', '.join(NOT_IN_PATHS)}")
    yield from _backend(part(given, "backend"), (*here, "backend"))


def _backend(backend: Fields, path: Path) -> Refusals:
    service, resource = backend.get("service"), backend.get("resource")
    if (service is None) == (resource is None):
        yield Refusal(path, "allowed: one of `service` and `resource`")
    if service is None:
        return
    here = (*path, "service")
    yield from required(service, here, "name")
    yield from follows(service, here, "name", names.host)
    port = part(service, "port")
    if bool(port.get("name")) == bool(port.get("number")):
        yield Refusal((*here, "port"), "allowed: one of `name` and `number`")
    yield from follows(port, (*here, "port"), "name", names.port)
    if port.get("number"):
        yield from between(port, (*here, "port"), "number", *PORTS)


def network_policy(found: Object) -> Refusals:
    """Refuse a NetworkPolicy."""
    spec = found["spec"]
    yield from names.selector(part(spec, "podSelector"), (*SPEC, "podSelector"))
    for number, kind in enumerate(spec.get("policyTypes") or ()):
        if kind not in ("Ingress", "Egress"):
            yield Refusal((*SPEC, "policyTypes", number), f"given {kind!r}; allowed: Ingress, Egress")
    for way, peers in (("ingress", "from"), ("egress", "to")):
        for here, rule in listed(spec, SPEC, way):
            for at, port in listed(rule, here, "ports"):
                yield from _port(port, at)
            for at, peer in listed(rule, here, peers):
                yield from _peer(peer, at)


def _port(port: Fields, path: Path) -> Refusals:
    yield from one_of(port, path, "protocol", PROTOCOLS)
    given, end = port.get("port"), port.get("endPort")
    if isinstance(given, str):
        yield from follows(port, path, "port", names.port)
    else:
        yield from between(port, path, "port", *PORTS)
    if end is not None:
        if not isinstance(given, int):
            yield Refusal((*path, "endPort"), "it goes with a `port` that is a number")
        else:
            yield from between(port, path, "endPort", given, PORTS[1])


def _peer(peer: Fields, path: Path) -> Refusals:
    block = peer.get("ipBlock")
    selectors = [name for name in ("podSelector", "namespaceSelector") if peer.get(name) is not None]
    if block is None and not selectors:
        yield Refusal(path, "allowed: podSelector, namespaceSelector, or ipBlock")
    for name in selectors:
        yield from names.selector(peer[name], (*path, name))
        if block is not None:
            yield Refusal((*path, name), "it has `ipBlock` besides")
    if block is not None:
        here = (*path, "ipBlock")
        wrong = list(network(block.get("cidr"), (*here, "cidr")))
        yield from wrong
        for number, text in enumerate(block.get("except") or ()):
            at = (*here, "except", number)
            if outside := list(network(text, at)):
                yield from outside
            elif not wrong and not _within(text, block["cidr"]):
                yield Refusal(at, f"given {text}; allowed: a part of {block['cidr']}")


def _within(inner: str, outer: str) -> bool:
    one, other = (ipaddress.ip_network(text, strict=False) for text in (inner, outer))
    if one.version != other.version:
        return False
    return one != other and one.subnet_of(other)  # type: ignore[arg-type]  # of one version, both
