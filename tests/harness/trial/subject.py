"""What is tried: the workload, where it serves, what it depends on, all found from the manifests."""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.harness.contracts import Overlay
from tests.harness.contracts.workload import Container as Declared
from tests.harness.contracts.workload import Workload
from tests.harness.errors import ManifestError
from tests.harness.kustomize import Object
from tests.harness.manifests import COMPONENT, Container, HttpGet, PodTemplate, is_deployable, pod_spec, pods
from tests.harness.trial.configuration import Configuration
from tests.harness.trial.portable import target_ports
from tests.harness.turns import pod_labels, selects

LABEL_CHARACTERS = 63
"""How long the name of a container may be."""
HOST_VARIABLE = re.compile("HOST|SERVER|ADDR|ENDPOINT|SERVICE|URL", re.IGNORECASE)


@dataclass(frozen=True)
class Subject:
    """A deployment under trial; `objects` as rendered, `workload` the one that claims are about."""

    source: str
    objects: Sequence[Object]
    workload: Object
    template: PodTemplate
    port: int | None
    dependencies: tuple[Object, ...]
    configuration: Configuration

    @property
    def name(self) -> str:
        """The workload's name."""
        return str(self.workload["metadata"]["name"])

    @property
    def container(self) -> Container:
        """The container that serves, or else the first."""
        for container in self.template.containers:
            if any(port.container_port == self.port for port in container.ports):
                return container
        return self.template.containers[0]

    @property
    def declared(self) -> Declared:
        """The same container, as contracts read it from the manifest."""
        return next(each for each in Workload(self.workload).containers() if each.name == self.container.name)

    @property
    def says_json(self) -> bool:
        """Whether trial.toml, or else a setting whose name has LOG in it, says that logs are JSON."""
        if self.configuration.logs is not None:
            return self.configuration.logs == "json"
        said = Overlay(self.source, self.objects).environment(self.declared)
        return any("LOG" in name.upper() and (each.value or "").lower() == "json" for name, each in said.items())


def find(objects: Sequence[Object], source: str, configuration: Configuration) -> Subject:
    """Find what is tried among rendered objects; ManifestError when there is nothing, or not one.

    It is the workload that no other names, and, where that leaves several, the one that is not labelled a component.
    """
    workloads = [found for found in objects if is_deployable(found)]
    if not workloads:
        raise ManifestError(f"{source}: there is no Deployment, StatefulSet or Pod in it")
    names = {found["metadata"]["name"]: found for found in workloads}
    for given in (configuration.subject, *(configuration.dependencies or ())):
        if given is not None and given not in names:
            raise ManifestError(f"{source}: trial.toml names {given!r}; there are {', '.join(names)}")
    services = [found for found in objects if found["kind"] == "Service"]
    if configuration.dependencies is None:
        needed = [name for name, found in names.items() if _is_needed(found, objects, services)]
    else:
        needed = list(configuration.dependencies)
    candidates = [configuration.subject] if configuration.subject else [name for name in names if name not in needed]
    if len(candidates) > 1:
        candidates = [name for name in candidates if COMPONENT not in pod_labels(names[name])]
        if configuration.dependencies is None:
            needed = [name for name in names if name not in candidates]
    if len(candidates) != 1:
        listed = ", ".join(candidates or names)
        raise ManifestError(f"{source}: which workload is tried? Name one as `subject` in trial.toml: {listed}")
    objects = _distinct(objects, candidates[0])
    names = {found["metadata"]["name"]: found for found in objects if is_deployable(found)}
    workload = names[candidates[0]]
    beside = tuple(names[name] for name in needed if name != candidates[0])
    _refuse_mapped_ports(beside, services)
    (template,) = pods([workload])
    return Subject(
        source=source,
        objects=objects,
        workload=workload,
        template=template,
        port=configuration.port or _port(workload, template, services),
        dependencies=beside,
        configuration=configuration,
    )


def _distinct(objects: Sequence[Object], subject: str) -> list[Object]:
    """Return a copy in which no other workload has a container of the subject's name: records tell them by it."""
    changed = copy.deepcopy(list(objects))
    workloads = [found for found in changed if is_deployable(found)]
    taken: set[str] = set()
    for found in sorted(workloads, key=lambda each: each["metadata"]["name"] != subject):
        for container in pod_spec(found)["containers"]:
            if container["name"] in taken:
                container["name"] = f"{found['metadata']['name']}-{container['name']}"[-LABEL_CHARACTERS:].strip("-")
            taken.add(container["name"])
    return changed


def _refuse_mapped_ports(beside: Iterable[Object], services: Sequence[Object]) -> None:
    """Raise ManifestError for a Service that has another port than what it sends to: podman gives it the pod's."""
    for found in beside:
        for service in services:
            for _, target, port in target_ports(service, pod_spec(found)) if selects(service, found) else ():
                if port["port"] != target:
                    raise ManifestError(
                        f"Service {service['metadata']['name']}: its port is {port['port']}, the container's {target};"
                        " on podman a Service is another name of the pod, so the two must be the same"
                    )


def _is_needed(found: Object, objects: Sequence[Object], services: Iterable[Object]) -> bool:
    """Tell whether another workload's settings name a Service of this one."""
    hosts = [service["metadata"]["name"] for service in services if selects(service, found)]
    others = [each for each in objects if is_deployable(each) and each is not found]
    return any(
        _names(host, name, value) for each in others for name, value in _settings(each, objects) for host in hosts
    )


def _settings(workload: Object, objects: Sequence[Object]) -> Iterator[tuple[str, str]]:
    """Return what a workload is told, with the variable's name if it is told by one."""
    overlay = Overlay("", objects)
    for container in Workload(workload).containers():
        yield from ((name, each.value or "") for name, each in overlay.environment(container).items())
        yield from (("", str(each)) for key in ("command", "args") for each in container.raw.get(key) or ())
    for secret in overlay.of_kind("Secret"):
        yield from (("", str(value)) for value in (secret.get("stringData") or {}).values())


def _names(host: str, variable: str, value: str) -> bool:
    """Tell whether a value names a host: in a URL, with a port, or alone in a variable that is called so."""
    name = rf"{re.escape(host)}(?:\.[\w.-]+)?"
    in_url = re.search(rf"(?:@|//){name}(?=[:/?,]|$)(?![^/]*@)", value)
    with_port = re.search(rf"(?<![\w.-]){name}:\d+", value)
    return bool(in_url or with_port or (HOST_VARIABLE.search(variable) and re.fullmatch(name, value)))


def _port(workload: Object, template: PodTemplate, services: Iterable[Object]) -> int | None:
    """Return the port that a Service sends HTTP to, or any to, or that readiness asks, or the first declared."""
    found = [
        each for service in services if selects(service, workload) for each in target_ports(service, pod_spec(workload))
    ]
    found.sort(key=lambda each: not _says_http(each[2]))
    if found:
        return found[0][1]
    for container in template.containers:
        for probe in (container.readiness, container.liveness, container.startup):
            if probe and isinstance(probe.handler, HttpGet):
                return probe.handler.port
    return next((port.container_port for container in template.containers for port in container.ports), None)


def _says_http(port: Mapping[str, Any]) -> bool:
    return "http" in (str(port.get("appProtocol", "")), *str(port.get("name", "")).split("-"))
