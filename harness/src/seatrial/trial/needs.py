"""What depends on what: a workload, or a container of the same pod, that another's settings name."""

import re
from collections.abc import Iterable, Iterator, Sequence

from seatrial.contracts import Overlay
from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import references, secret_texts
from seatrial.manifests.service import leads_to
from seatrial.manifests.workload import Container, Workload

HOST_VARIABLE = re.compile("HOST|SERVER|ADDR|ENDPOINT|SERVICE|URL", re.IGNORECASE)
LOCAL = re.compile(r"(?<![\w.-])(?:localhost|127\.0\.0\.1|\[::1\]):(\d+)\b")


def is_needed(found: Object, others: Iterable[Object], objects: Sequence[Object]) -> bool:
    """Tell whether another workload's settings name a Service of this one."""
    services = (each for each in objects if each["kind"] == "Service")
    hosts = [service["metadata"]["name"] for service in services if leads_to(service, found)]
    containers = [each for other in others if other is not found for each in Workload(other).containers()]
    return any(_names(host, name, value) for name, value in _settings(containers, objects) for host in hosts)


def local_ports(containers: Iterable[Container], objects: Sequence[Object]) -> set[int]:
    """Return the ports of their own pod that containers are told of, as localhost:PORT."""
    return {int(port) for _, value in _settings(containers, objects) for port in LOCAL.findall(value)}


def _settings(containers: Iterable[Container], objects: Sequence[Object]) -> Iterator[tuple[str, str]]:
    """Return what containers are told, with the variable's name if they are told by one."""
    overlay, containers = Overlay("", objects), list(containers)
    for container in containers:
        yield from ((name, each.value or "") for name, each in overlay.environment(container).items())
        yield from (("", str(each)) for key in ("command", "args") for each in container.raw.get(key) or ())
    told = [each for container in containers for each in references(container.workload.spec)]
    given = {reference[key] for kind, reference, key in told if kind == "Secret"}
    for secret in overlay.of_kind("Secret"):
        if secret["metadata"]["name"] in given:
            yield from (("", value) for value in secret_texts(secret).values())


def _names(host: str, variable: str, value: str) -> bool:
    """Tell whether a value names a host: in a URL, with a port, or alone in a variable that is called so."""
    name = rf"{re.escape(host)}(?:\.[\w.-]+)?"
    in_url = re.search(rf"(?:@|//){name}(?=[:/?,]|$)(?![^/]*@)", value)
    with_port = re.search(rf"(?<![\w.-]){name}:\d+", value)
    return bool(in_url or with_port or (HOST_VARIABLE.search(variable) and re.fullmatch(name, value)))
