"""Containers of a pod: names, ports, variables, mounts, and what they may do."""

import re
from collections.abc import Iterator, Mapping

from seatrial.admission import names
from seatrial.admission.probes import PORTS, PROBES, hooks, probes
from seatrial.admission.quantities import resources
from seatrial.admission.refusal import (
    Fields,
    Path,
    Refusal,
    Refusals,
    between,
    exactly_one,
    follows,
    listed,
    one_of,
    part,
    required,
    unique,
)
from seatrial.manifests.quantity import parsed

LISTS = ("initContainers", "containers")
UNITS = ("1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")
PROTOCOLS = ("TCP", "UDP", "SCTP")
FIELDS = re.compile(
    r"metadata\.(name|namespace|uid)|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?)"
    r"|metadata\.(labels|annotations)\['[^']+'\]"
)
AMOUNTS = re.compile(r"(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)")
DIVISORS = {"cpu": ("1m", "1"), "memory": ("1", *UNITS), "ephemeral-storage": ("1", *UNITS), "hugepages": ("1", *UNITS)}
SOURCES = ("configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef", "fileKeyRef")
FROM = ("configMapRef", "secretRef")
POLICIES = ("Always", "IfNotPresent", "Never")


def containers(pod: Fields, path: Path, volumes: Mapping[str, bool]) -> Refusals:
    """Refuse containers of a pod; `volumes` are the names that can be mounted, and whether one is a claim."""
    grace = pod.get("terminationGracePeriodSeconds")
    for name in LISTS:
        for here, container in listed(pod, path, name):
            yield from _container(container, here, volumes, grace)
            if name == "initContainers":
                yield from _first(container, here)
    together = [found for name in LISTS for found in listed(pod, path, name)]
    yield from unique(((*here, "name"), container.get("name")) for here, container in together)
    yield from unique(_host_ports(pod, path))
    for here, container in together if pod.get("hostNetwork") else ():
        for at, port in listed(container, here, "ports"):
            if port.get("hostPort") not in (None, 0, port.get("containerPort")):
                yield Refusal((*at, "hostPort"), "with hostNetwork it is the same as `containerPort`")


def _container(container: Fields, path: Path, volumes: Mapping[str, bool], grace_seconds: int | None) -> Refusals:
    yield from required(container, path, "name", "image")
    yield from follows(container, path, "name", names.label)
    if (image := str(container.get("image", ""))) != image.strip():
        yield Refusal((*path, "image"), f"given {image!r}; allowed: no space around it")
    yield from one_of(container, path, "imagePullPolicy", POLICIES)
    yield from one_of(container, path, "restartPolicy", ("Always", "OnFailure", "Never"))
    for here, resize in listed(container, path, "resizePolicy"):
        yield from one_of(resize, here, "restartPolicy", ("NotRequired", "RestartContainer"))
    yield from one_of(container, path, "terminationMessagePolicy", ("File", "FallbackToLogsOnError"))
    yield from _ports(container, path)
    yield from _variables(container, path)
    yield from _mounts(container, path, volumes)
    yield from probes(container, path)
    yield from hooks(container, path, grace_seconds)
    yield from resources(container, path)
    yield from _security(container, path)


def _first(container: Fields, path: Path) -> Refusals:
    """Refuse what a container that ends before the others begin cannot have; one that goes on can."""
    yield from one_of(container, path, "restartPolicy", POLICIES[:1])
    if container.get("restartPolicy") == "Always":
        return
    for name in (*PROBES, "lifecycle"):
        if container.get(name):
            yield Refusal((*path, name), "an init container has none, unless its restartPolicy is Always")


def _ports(container: Fields, path: Path) -> Refusals:
    for here, port in listed(container, path, "ports"):
        yield from required(port, here, "containerPort")
        yield from between(port, here, "containerPort", *PORTS)
        yield from between(port, here, "hostPort", 0, PORTS[1])
        yield from one_of(port, here, "protocol", PROTOCOLS)
        yield from follows(port, here, "name", names.port)
    yield from unique(((*here, "name"), port.get("name")) for here, port in listed(container, path, "ports"))


def _host_ports(pod: Fields, path: Path) -> Iterator[tuple[Path, object]]:
    for here, container in listed(pod, path, "containers"):
        for at, port in listed(container, here, "ports"):
            number = port.get("hostPort") or (port.get("containerPort") if pod.get("hostNetwork") else None)
            asked = (port.get("protocol", "TCP"), port.get("hostIP", ""), number)
            yield (*at, "hostPort"), asked if number else None


def _variables(container: Fields, path: Path) -> Refusals:
    for here, variable in listed(container, path, "env"):
        yield from required(variable, here, "name")
        yield from follows(variable, here, "name", names.variable)
        if (source := variable.get("valueFrom")) is None:
            continue
        if variable.get("value"):
            yield Refusal((*here, "valueFrom"), "it has a `value` besides")
        yield from exactly_one(source, (*here, "valueFrom"), SOURCES, "source")
        yield from source_of(source, (*here, "valueFrom"))
    for here, source in listed(container, path, "envFrom"):
        yield from follows(source, here, "prefix", names.variable)
        yield from exactly_one(source, here, FROM, "source")
        for name in FROM:
            if (named := source.get(name)) is not None:
                yield from required(named, (*here, name), "name")
                yield from follows(named, (*here, name), "name", names.subdomain)


def source_of(source: Fields, path: Path) -> Refusals:
    """Refuse what a variable's or a file's value is to be taken from."""
    for name in ("configMapKeyRef", "secretKeyRef"):
        if (key := source.get(name)) is not None:
            yield from required(key, (*path, name), "name", "key")
            yield from follows(key, (*path, name), "key", names.data_key)
    field = part(source, "fieldRef")
    if field and not FIELDS.fullmatch(str(field.get("fieldPath", ""))):
        yield Refusal((*path, "fieldRef", "fieldPath"), f"given {field.get('fieldPath')!r}; no field that can be had")

    amount = source.get("resourceFieldRef")
    if amount is not None:
        yield from amount_of(amount, (*path, "resourceFieldRef"))


def amount_of(amount: Fields, path: Path) -> Refusals:
    """Refuse which of a container's requests or limits is to be told, and in which unit."""
    if not (matched := AMOUNTS.fullmatch(given := str(amount.get("resource", "")))):
        yield Refusal((*path, "resource"), f"given {given!r}; allowed: limits or requests, `.`, and a resource's name")
        return
    allowed = DIVISORS[matched[2] if matched[2] in DIVISORS else "hugepages"]
    divisor = amount.get("divisor") or "0"
    if parsed(divisor) not in map(parsed, ("0", *allowed)):
        yield Refusal((*path, "divisor"), f"given {divisor!r}; allowed: {', '.join(allowed)}")


def _mounts(container: Fields, path: Path, volumes: Mapping[str, bool]) -> Refusals:
    mounts = list(listed(container, path, "volumeMounts"))
    for here, mount in mounts:
        yield from required(mount, here, "name", "mountPath")
        if mount.get("name") and mount["name"] not in volumes:
            yield Refusal(
                (*here, "name"), f"there is no volume {mount['name']!r}; there are: {', '.join(volumes) or 'none'}"
            )
        for name in ("subPath", "subPathExpr"):
            inside = str(mount.get(name) or "")
            if inside.startswith("/") or ".." in inside.split("/"):
                yield Refusal((*here, name), f"given {inside!r}; allowed: a path within the volume, without `..`")
        if mount.get("subPath") and mount.get("subPathExpr"):
            yield Refusal((*here, "subPathExpr"), "it has a `subPath` besides")
        yield from one_of(mount, here, "mountPropagation", ("None", "HostToContainer", "Bidirectional"))
        if mount.get("mountPropagation") == "Bidirectional" and not part(container, "securityContext").get(
            "privileged"
        ):
            yield Refusal((*here, "mountPropagation"), "Bidirectional takes a privileged container")
    yield from unique(((*here, "mountPath"), mount.get("mountPath")) for here, mount in mounts)
    devices = list(listed(container, path, "volumeDevices"))
    for here, device in devices:
        yield from required(device, here, "name", "devicePath")
        if device.get("name") and not volumes.get(device["name"]):
            yield Refusal((*here, "name"), f"there is no claim {device['name']!r} among the volumes")
    yield from unique(((*here, "devicePath"), device.get("devicePath")) for here, device in devices)


def _security(container: Fields, path: Path) -> Refusals:
    context, here = part(container, "securityContext"), (*path, "securityContext")
    yield from identities(context, here)
    yield from one_of(context, here, "procMount", ("Default", "Unmasked"))
    if context.get("allowPrivilegeEscalation") is False:
        added = part(context, "capabilities").get("add") or ()
        if context.get("privileged") or {"CAP_SYS_ADMIN", "SYS_ADMIN"} & set(added):
            yield Refusal((*here, "allowPrivilegeEscalation"), "false cannot be, with `privileged` or CAP_SYS_ADMIN")


def identities(context: Fields, path: Path) -> Refusals:
    """Refuse users, groups and profiles of a container or a pod."""
    for name in ("runAsUser", "runAsGroup", "fsGroup"):
        yield from between(context, path, name, 0, 2**31 - 1)
    for number, group in enumerate(context.get("supplementalGroups") or ()):
        if not 0 <= group < 2**31:
            yield Refusal((*path, "supplementalGroups", number), f"given {group}; allowed: 0 to {2**31 - 1}")
    for name in ("seccompProfile", "appArmorProfile"):
        if (profile := context.get(name)) is None:
            continue
        yield from required(profile, (*path, name), "type")
        yield from one_of(profile, (*path, name), "type", ("RuntimeDefault", "Unconfined", "Localhost"))
        if bool(profile.get("localhostProfile")) != (profile.get("type") == "Localhost"):
            yield Refusal((*path, name, "localhostProfile"), "it goes with type Localhost, and with no other")
