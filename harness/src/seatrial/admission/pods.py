"""A pod's spec: what holds for all of its containers, and where it may run."""

import ipaddress

from seatrial.admission import names
from seatrial.admission.containers import containers, identities
from seatrial.admission.placement import placement
from seatrial.admission.quantities import quantity
from seatrial.admission.refusal import (
    Fields,
    Path,
    Refusal,
    Refusals,
    between,
    follows,
    listed,
    one_of,
    part,
    unique,
)
from seatrial.admission.system import system
from seatrial.admission.volumes import mountable, volumes

RESTARTS = ("Always", "OnFailure", "Never")
DNS = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
NAMESERVERS, SEARCHES = 3, 32


def pod(spec: Fields, path: Path, workload: Fields) -> Refusals:
    """Refuse a pod's spec; a StatefulSet's own spec has claims that its pods mount."""
    yield from volumes(spec, path)
    yield from containers(spec, path, mountable(spec, workload))
    yield from one_of(spec, path, "restartPolicy", RESTARTS)
    yield from between(spec, path, "activeDeadlineSeconds", 1, 2**31 - 1)
    yield from _security(spec, path)
    yield from _amounts(spec, path)
    yield from one_of(spec, path, "preemptionPolicy", ("PreemptLowerPriority", "Never"))
    yield from unique(((*at, "name"), gate.get("name")) for at, gate in listed(spec, path, "schedulingGates"))
    for at, gate in listed(spec, path, "readinessGates"):
        yield from follows(gate, at, "conditionType", names.qualified)
    for name, rule in (
        ("serviceAccountName", names.subdomain),
        ("priorityClassName", names.subdomain),
        ("runtimeClassName", names.subdomain),
        ("nodeName", names.subdomain),
        ("hostname", names.label),
        ("subdomain", names.label),
    ):
        yield from follows(spec, path, name, rule)
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        yield Refusal((*path, "shareProcessNamespace"), "it has the host's processes already (hostPID)")
    if spec.get("hostUsers") is False:
        for name in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.get(name):
                yield Refusal((*path, "hostUsers"), f"false does not go with {name}")
    yield from _names(spec, path)
    yield from placement(spec, path)
    yield from system(spec, path)


def _security(spec: Fields, path: Path) -> Refusals:
    context, here = part(spec, "securityContext"), (*path, "securityContext")
    yield from identities(context, here)
    yield from one_of(context, here, "fsGroupChangePolicy", ("OnRootMismatch", "Always"))
    yield from one_of(context, here, "seLinuxChangePolicy", ("MountOption", "Recursive"))
    for at, sysctl in listed(context, here, "sysctls"):
        yield from follows(sysctl, at, "name", names.sysctl)
    yield from unique(((*at, "name"), sysctl.get("name")) for at, sysctl in listed(context, here, "sysctls"))


def _amounts(spec: Fields, path: Path) -> Refusals:
    for name, amount in part(spec, "overhead").items():
        yield from quantity(amount, (*path, "overhead", name))
    for kind in ("limits", "requests"):
        for name, amount in part(part(spec, "resources"), kind).items():
            yield from quantity(amount, (*path, "resources", kind, name))


def _names(spec: Fields, path: Path) -> Refusals:
    yield from one_of(spec, path, "dnsPolicy", DNS)
    config, here = part(spec, "dnsConfig"), (*path, "dnsConfig")
    servers = config.get("nameservers") or ()
    if spec.get("dnsPolicy") == "None" and not servers:
        yield Refusal((*here, "nameservers"), "dnsPolicy None takes one at least")
    if len(servers) > NAMESERVERS:
        yield Refusal((*here, "nameservers"), f"{len(servers)} are given; allowed: {NAMESERVERS}")
    for number, server in enumerate(servers):
        yield from address(server, (*here, "nameservers", number))
    if len(config.get("searches") or ()) > SEARCHES:
        yield Refusal((*here, "searches"), f"more than the {SEARCHES} that are allowed")
    for at, alias in listed(spec, path, "hostAliases"):
        yield from address(alias.get("ip"), (*at, "ip"))
        for number, name in enumerate(alias.get("hostnames") or ()):
            if wrong := names.subdomain(name):
                yield Refusal((*at, "hostnames", number), wrong)


def address(given: object, path: Path) -> Refusals:
    """Refuse what is no IP address."""
    try:
        ipaddress.ip_address(str(given))
    except ValueError:
        yield Refusal(path, f"given {given!r}; allowed: an IP address")
