"""A rendered overlay as contracts read it: objects by kind, workloads, and what a container's environment holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from seatrial.contracts import kubernetes_schema
from seatrial.manifests.kustomize import Object
from seatrial.manifests.place import called
from seatrial.manifests.workload import TEMPLATES, Container, Workload, template

Runtime = Literal["podman", "cluster"]


@dataclass(frozen=True)
class Variable:
    """An environment variable: its value, None where a Secret or the pod itself gives it, and who sets it."""

    value: str | None
    source: str


class Overlay:
    """The objects of one overlay. `runtime` is what it is written for; None where nobody has said it."""

    def __init__(self, name: str, objects: Iterable[Object], runtime: Runtime | None = None) -> None:
        self.name = name
        self.runtime = runtime
        self.objects = tuple(objects)

    @cached_property
    def malformed(self) -> tuple[str, ...]:
        """What no API server would take, one line for each object: of such an overlay nothing more can be told."""
        complaints = ((found, kubernetes_schema.complaint(found)) for found in self.objects)
        return tuple(f"{called(found)}: {text}" for found, text in complaints if text)

    def of_kind(self, *kinds: str) -> Iterator[Object]:
        """Return the objects of these kinds, as far as they have the shape that is known."""
        numbered = sorted(number for kind in set(kinds) for number in self._by_kind.get(kind, ()))
        return (self.objects[number] for number in numbered)

    def workloads(self) -> Iterator[Workload]:
        """Return what makes pods; raises ManifestError for one without a pod spec."""
        return iter(self._workloads)

    def containers(self) -> Iterator[Container]:
        """Return the containers of all workloads."""
        return (container for workload in self.workloads() for container in workload.containers())

    def environment(self, container: Container) -> dict[str, Variable]:
        """Return a container's variables: its ConfigMaps', overridden by its own."""
        maps = {
            found["metadata"]["name"]: found.get("data", {})
            for found in self.of_kind("ConfigMap")
            if together(found, container.workload.source)
        }
        variables: dict[str, Variable] = {}
        for source in container.raw.get("envFrom", ()):
            name, prefix = source.get("configMapRef", {}).get("name"), source.get("prefix", "")
            for key, value in maps.get(name, {}).items():
                variables[prefix + key] = Variable(value, f"ConfigMap {name}")
        for entry in container.raw.get("env", ()):
            match entry:
                case {"valueFrom": {"configMapKeyRef": {"name": name, "key": key}}}:
                    variables[entry["name"]] = Variable(maps.get(name, {}).get(key), f"ConfigMap {name} {key}")
                case {"valueFrom": _}:
                    variables[entry["name"]] = Variable(None, "valueFrom")
                case _:
                    variables[entry["name"]] = Variable(entry.get("value", ""), "env")
        return variables

    @cached_property
    def _by_kind(self) -> dict[str, list[int]]:
        numbers: dict[str, list[int]] = {}
        for number, found in enumerate(self.objects):
            if kubernetes_schema.is_readable(found):
                numbers.setdefault(found["kind"], []).append(number)
        return numbers

    @cached_property
    def _workloads(self) -> tuple[Workload, ...]:
        kinds = self.of_kind(*TEMPLATES)
        return tuple(Workload(found) for found in kinds if template(found) or not kubernetes_schema.is_custom(found))

    def secret_files(self, container: Container, directory: str) -> set[str]:
        """Return the names of the files that Secrets put into a directory of the container, as far as items say."""
        volume = container.workload.volumes().get(container.mounts.get(directory, ""), {})
        return {item["path"] for item in volume.get("secret", {}).get("items", ())}


def together(one: Object, other: Object) -> bool:
    """Tell whether two objects may be in one namespace: one that names none is put where the other is."""
    names = {each["metadata"].get("namespace") for each in (one, other)} - {None}
    return len(names) < 2
