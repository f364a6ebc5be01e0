"""Which container of a workload serves, and on which of its ports."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import Container, PodTemplate, pod_spec
from seatrial.manifests.probe import HttpGet
from seatrial.manifests.service import leads_to, target_ports

HTTP = "http"


def serving(
    workload: Object, template: PodTemplate, services: Iterable[Object], port: int | None, parts: Iterable[str]
) -> tuple[Container, int | None]:
    """Return the container and its port; `port` and `parts` are known: the port, and containers that do not serve.

    It is the port that a Service sends HTTP to, or any to, or that a probe asks, or the first declared; a container
    without one is the first. ManifestError where it is asked for HTTPS there: what a trial sends is plain HTTP.
    """
    others = [each for each in template.containers if each.name not in parts] or list(template.containers)
    found = port or _of_services(workload, services) or _of_containers(others)
    for has in (_declares, _is_asked):
        for container in (*others, *template.containers):
            if found is not None and found in has(container):
                _refuse_https(container, found)
                return container, found
    return others[0], found


def says_http(workload: Object, container: Container, services: Iterable[Object], port: int) -> bool:
    """Tell whether a probe asks for HTTP on a port, or a Service that sends there or the port itself is called so."""
    names = [each.name or "" for each in container.ports if each.container_port == port]
    sent = [each for each in _sent(workload, services) if each[1] == port]
    return (
        port in _is_asked(container)
        or any(HTTP in name.split("-") for name in names)
        or any(_says_http(each[2]) for each in sent)
    )


def is_sent_to(workload: Object, services: Iterable[Object], port: int) -> bool:
    """Tell whether a Service sends TCP to a port."""
    return any(each[1] == port and each[2].get("protocol", "TCP") == "TCP" for each in _sent(workload, services))


def _refuse_https(container: Container, port: int) -> None:
    if any(each.port == port and each.scheme.upper() == "HTTPS" for each in _http_probes(container)):
        raise ManifestError(
            f"container {container.name}: a probe asks for HTTPS on port {port}, and what the trial sends is plain"
            " HTTP; `port` in trial.toml can name a port that takes it"
        )


def _of_services(workload: Object, services: Iterable[Object]) -> int | None:
    sent = sorted(_sent(workload, services), key=lambda each: not _says_http(each[2]))
    return sent[0][1] if sent else None


def _sent(workload: Object, services: Iterable[Object]) -> list[tuple[str, int, Mapping[str, Any]]]:
    leading = (service for service in services if leads_to(service, workload))
    return [target for service in leading for target in target_ports(service, pod_spec(workload))]


def _of_containers(containers: Sequence[Container]) -> int | None:
    asked = (port for container in containers for port in _is_asked(container))
    return next(asked, next((port for container in containers for port in _declares(container)), None))


def _declares(container: Container) -> list[int]:
    return [port.container_port for port in container.ports]


def _is_asked(container: Container) -> Iterator[int]:
    return (each.port for each in _http_probes(container))


def _http_probes(container: Container) -> Iterator[HttpGet]:
    for probe in (container.readiness, container.liveness, container.startup):
        if probe and isinstance(probe.handler, HttpGet):
            yield probe.handler


def _says_http(port: Mapping[str, Any]) -> bool:
    return HTTP in (str(port.get("appProtocol", "")), *str(port.get("name", "")).split("-"))
