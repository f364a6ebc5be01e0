"""Probes and hooks: what the kubelet is to do to a container."""

from seatrial.admission import names
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
)

PORTS = (1, 65535)
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
HOOKS = ("exec", "httpGet", "tcpSocket", "sleep")
DEFAULT_GRACE_SECONDS = 30


def probes(container: Fields, path: Path) -> Refusals:
    """Refuse probes of a container."""
    for name in PROBES:
        if (probe := container.get(name)) is not None:
            yield from _probe(name, probe, (*path, name))


def _probe(name: str, probe: Fields, path: Path) -> Refusals:
    yield from exactly_one(probe, path, HANDLERS, "handler")
    yield from _handler(probe, path)
    for number in NUMBERS:
        yield from between(probe, path, number, 0)
    if name == "readinessProbe":
        if probe.get("terminationGracePeriodSeconds") is not None:
            yield Refusal((*path, "terminationGracePeriodSeconds"), "readiness ends nothing: it must not be there")
        return
    yield from between(probe, path, "terminationGracePeriodSeconds", 1)
    if probe.get("successThreshold") not in (None, 0, 1):
        yield Refusal((*path, "successThreshold"), f"given {probe['successThreshold']}; allowed: 1, but for readiness")


def hooks(container: Fields, path: Path, grace_seconds: int | None) -> Refusals:
    """Refuse hooks of a container, whose pod has this grace period."""
    grace = DEFAULT_GRACE_SECONDS if grace_seconds is None else grace_seconds
    for name in ("postStart", "preStop"):
        hook, here = part(container, "lifecycle").get(name), (*path, "lifecycle", name)
        if hook is None:
            continue
        yield from exactly_one(hook, here, HOOKS, "handler")
        yield from _handler(hook, here)
        if hook.get("sleep"):
            yield from between(hook["sleep"], (*here, "sleep"), "seconds", 0, max(grace, 0))


def _handler(handler: Fields, path: Path) -> Refusals:
    if (command := handler.get("exec")) is not None:
        yield from required(command, (*path, "exec"), "command")
    for name in ("httpGet", "tcpSocket", "grpc"):
        if (asked := handler.get(name)) is not None:
            yield from port_given(asked, (*path, name), "port")
    asked = part(handler, "httpGet")
    yield from one_of(asked, (*path, "httpGet"), "scheme", ("HTTP", "HTTPS"))
    for here, header in listed(asked, (*path, "httpGet"), "httpHeaders"):
        yield from follows(header, here, "name", names.header)


def port_given(fields: Fields, path: Path, name: str) -> Refusals:
    """Refuse a port that is no number of one and no name of one; it is required."""
    if isinstance(fields.get(name), str):
        yield from required(fields, path, name)
        yield from follows(fields, path, name, names.port)
    elif fields.get(name) is None:
        yield from required(fields, path, name)
    else:
        yield from between(fields, path, name, *PORTS)
