"""What is tried: the workload, where it serves, what it depends on, all found from the manifests."""

import copy
import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from seatrial.contracts import Overlay
from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.mapped_ports import annotate, mapped_ports
from seatrial.manifests.pods import (
    COMPONENT,
    KIND,
    Container,
    PodTemplate,
    is_deployable,
    is_job,
    pod_labels,
    pod_spec,
    pods,
)
from seatrial.manifests.service import is_reached_from_outside, leads_to, target_ports
from seatrial.manifests.workload import Container as Declared
from seatrial.manifests.workload import Workload
from seatrial.trial.configuration import Configuration
from seatrial.trial.needs import is_needed, local_ports
from seatrial.trial.serving import is_sent_to, says_http, serving

LABEL_CHARACTERS = 63
"""How long the name of a container may be."""


@dataclass(frozen=True)
class Subject:
    """A deployment under trial; `objects` in the order in which they are played, `workload` what claims are about.

    It depends on other workloads, the `dependencies`, and on `parts`: containers of its own pod, by their names.
    `chosen` says why it is this one.
    """

    source: str
    objects: Sequence[Object]
    workload: Object
    template: PodTemplate
    container: Container
    port: int | None
    dependencies: tuple[Object, ...]
    parts: tuple[str, ...]
    configuration: Configuration
    chosen: str = ""

    def __str__(self) -> str:
        """Return in one line what is tried, why, and on what it depends."""
        where = f", port {self.port}" if self.port is not None else ", which has no port"
        needed = [*(found["metadata"]["name"] for found in self.dependencies), *self.parts]
        depends = f"depends on {', '.join(needed)}" if needed else "depends on nothing that is found"
        kind = (self.workload["metadata"].get("annotations") or {}).get(KIND, self.workload["kind"])
        named = f"{kind} {self.name}, container {self.container.name}{where}"
        return f"tries {named} ({self.chosen}); it {depends}"

    @property
    def name(self) -> str:
        """The workload's name."""
        return str(self.workload["metadata"]["name"])

    @property
    def own(self) -> tuple[Container, ...]:
        """The containers whose condition is the pod's own: all but the parts that it depends on."""
        return tuple(each for each in self.template.containers if each.name not in self.parts)

    @property
    def declared(self) -> Declared:
        """The container that serves, or else the first, as contracts read it from the manifest."""
        return next(each for each in Workload(self.workload).containers() if each.name == self.container.name)

    @property
    def says_json(self) -> bool:
        """Whether trial.toml, or else a setting whose name has LOG in it, says that logs are JSON."""
        if self.configuration.logs is not None:
            return self.configuration.logs == "json"
        said = Overlay(self.source, self.objects).environment(self.declared)
        return any("LOG" in name.upper() and (each.value or "").lower() == "json" for name, each in said.items())

    @property
    def says_http(self) -> bool:
        """Whether trial.toml or the manifests say that it serves HTTP where it serves."""
        return self.port is not None and (
            self.configuration.port is not None or says_http(self.workload, self.container, self._services, self.port)
        )

    @property
    def is_sent_to(self) -> bool:
        """Whether a Service sends TCP to where it serves."""
        return self.port is not None and is_sent_to(self.workload, self._services, self.port)

    @property
    def maps_ports(self) -> bool:
        """Whether a workload that it depends on has a Service with another port than its container's."""
        return any(mapped_ports(each) for each in self.dependencies)

    @property
    def _services(self) -> list[Object]:
        return [found for found in self.objects if found["kind"] == "Service"]

    def without_jobs(self) -> list[Object]:
        """Return the objects as they are when their jobs are done."""
        return [each for each in self.objects if not is_job(each)]


def find(objects: Sequence[Object], source: str, configuration: Configuration) -> Subject:
    """Find what is tried among rendered objects; ManifestError when there is nothing, or not one.

    It is the one workload that is reached from outside, or else the one that no other names, and, where that leaves
    several, the one that is not labelled a component.
    """
    tried = [found for found in objects if is_deployable(found) and not is_job(found)]
    workloads = {found["metadata"]["name"]: found for found in tried}
    if twice := next(
        (name for name in workloads if [each["metadata"]["name"] for each in tried].count(name) > 1), None
    ):
        raise ManifestError(f"{source}: two workloads are called {twice}; try what has only one of that name")
    if not workloads:
        raise ManifestError(f"{source}: there is no Deployment, StatefulSet, DaemonSet, ReplicaSet or Pod in it")
    if configuration.subject is not None and configuration.subject not in workloads:
        raise ManifestError(
            f"{source}: no workload is called {configuration.subject!r}; there are {', '.join(workloads)}"
        )
    if configuration.dependencies is None:
        needed = [name for name, found in workloads.items() if is_needed(found, workloads.values(), objects)]
    else:
        needed = [name for name in configuration.dependencies if name in workloads]
    name, chosen = _chosen(workloads, needed, objects, source, configuration.subject)
    # A job that asks the subject would wait for it for ever: it comes after, when nothing depends on it.
    asking = [each for each in objects if is_job(each) and is_needed(workloads[name], [each], objects)]
    objects = _in_order(_distinct([each for each in objects if each not in asking], name), name)
    workloads = {each["metadata"]["name"]: each for each in objects if is_deployable(each) and not is_job(each)}
    dependencies = [workloads[each] for each in needed if each != name]
    for each in dependencies:
        if mapped := dict(_mapped(each, objects)):
            annotate(each, mapped)
    return replace(_subject(objects, source, configuration, workloads[name], dependencies), chosen=chosen)


def _chosen(
    workloads: Mapping[str, Object], needed: Collection[str], objects: Sequence[Object], source: str, given: str | None
) -> tuple[str, str]:
    """Return the name of the workload that is tried, and why it is; ManifestError where several may be."""
    if given:
        return given, "which was asked for"
    if len(workloads) == 1:
        return next(iter(workloads)), "the only workload"
    outside = [name for name, found in workloads.items() if is_reached_from_outside(found, objects)]
    if len(outside) == 1:  # what sends to it, as a load generator, is named by nobody, and is not what is meant
        return outside[0], "reached from outside"
    candidates = [name for name in outside or workloads if name not in needed]
    if len(candidates) == 1:
        return candidates[0], "no other workload names it"
    of_whole = [name for name in candidates if COMPONENT not in pod_labels(workloads[name])]
    if len(of_whole) == 1:
        return of_whole[0], "no component of another"
    listed = ", ".join(of_whole or candidates or workloads)
    raise ManifestError(
        f"{source}: which workload is tried? Give --subject, or `subject` in trial.toml, one of: {listed}"
    )


def _subject(
    objects: Sequence[Object],
    source: str,
    configuration: Configuration,
    workload: Object,
    dependencies: Sequence[Object],
) -> Subject:
    (template,) = pods([workload])
    services = [found for found in objects if found["kind"] == "Service"]
    declared = {each.name: each for each in Workload(workload).containers()}
    beside = {each["metadata"]["name"] for each in dependencies}
    if configuration.dependencies is None:
        parts = _listening(template, local_ports(declared.values(), objects))
    else:
        parts = tuple(each for each in configuration.dependencies if each not in beside)
    container, port = serving(workload, template, services, configuration.port, parts)
    others = [each.name for each in template.containers if each != container]
    if configuration.dependencies is None:
        named = _listening(template, local_ports([declared[container.name]], objects))
        parts = tuple(each for each in named if each in others)
    elif unknown := [each for each in parts if each not in others and each != workload["metadata"]["name"]]:
        listed = ", ".join([*(each["metadata"]["name"] for each in objects if is_deployable(each)), *others])
        raise ManifestError(f"{source}: trial.toml names {unknown[0]!r}; there are {listed}")
    return Subject(
        source=source,
        objects=objects,
        workload=workload,
        template=template,
        container=container,
        port=port,
        dependencies=tuple(dependencies),
        parts=tuple(each for each in parts if each in others),
        configuration=configuration,
    )


def _listening(template: PodTemplate, ports: Collection[int]) -> tuple[str, ...]:
    """Return the containers that have one of these ports."""
    return tuple(each.name for each in template.containers if any(port.container_port in ports for port in each.ports))


def _distinct(objects: Sequence[Object], subject: str) -> list[Object]:
    """Return a copy in which no two containers have one name, the subject's their own: records tell them by it."""
    changed = copy.deepcopy(list(objects))
    workloads = [found for found in changed if is_deployable(found)]
    taken = {container["name"] for found in workloads for container in pod_spec(found)["containers"]}
    seen: set[str] = set()
    for found in sorted(workloads, key=lambda each: each["metadata"]["name"] != subject):
        for container in pod_spec(found)["containers"]:
            if container["name"] in seen:
                container["name"] = _free(f"{found['metadata']['name']}-{container['name']}", taken)
                taken.add(container["name"])
            seen.add(container["name"])
    return changed


def _free(name: str, taken: Collection[str]) -> str:
    """Return a name as a container may have, which none has: with a number, if need be."""
    numbers = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    names = (f"{name}{number}"[-LABEL_CHARACTERS:].strip("-") for number in numbers)
    return next(each for each in names if each not in taken)


def _in_order(objects: Sequence[Object], subject: str) -> list[Object]:
    """Return them as they are played: what jobs wait for, then jobs, then the subject, which may need what they do."""

    def rank(found: Object) -> int:
        if not is_deployable(found):
            return 0
        return 2 if is_job(found) else 3 if found["metadata"]["name"] == subject else 1

    return sorted(objects, key=rank)


def _mapped(workload: Object, objects: Sequence[Object]) -> Iterator[tuple[int, int]]:
    for service in objects:
        if service["kind"] == "Service" and leads_to(service, workload):
            for _, target, port in target_ports(service, pod_spec(workload)):
                if port["port"] != target:
                    yield port["port"], target
