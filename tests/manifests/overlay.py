"""A rendered overlay as the contracts read it."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.harness.kustomize import Object
from tests.harness.manifests import DEPLOYABLE, PodTemplate, pod_spec, pods
from tests.harness.recipe import split

CHECKOUT = Path(__file__).parents[2]
OVERLAYS = CHECKOUT / "kustomize" / "overlays"
PROJECT: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]


def is_ours(image: str) -> bool:
    """Tell whether an image is the service's own, whatever its registry and tag."""
    return bool(split(image)[0] == PROJECT["name"])


@dataclass(frozen=True)
class Workload:
    """One Deployment or Pod: the object, its pod spec, and the harness's typed view of it."""

    source: Object
    spec: dict[str, Any]
    template: PodTemplate

    @property
    def name(self) -> str:
        """Return what a message calls it."""
        return f"{self.source['kind']} {self.source['metadata']['name']}"

    @property
    def labels(self) -> dict[str, str]:
        """Return its pods' labels."""
        labels: dict[str, str] = self.source["spec"]["template"]["metadata"]["labels"]
        return labels

    def containers(self) -> list[dict[str, Any]]:
        """Return all containers, init containers first."""
        return [*self.spec.get("initContainers", ()), *self.spec["containers"]]


class Overlay:
    """The objects of one overlay."""

    def __init__(self, name: str, objects: Iterable[Object]) -> None:
        self.name = name
        self.objects = tuple(objects)

    def of_kind(self, kind: str) -> Iterator[Object]:
        """Return the objects of a kind."""
        return (found for found in self.objects if found["kind"] == kind)

    def workloads(self) -> Iterator[Workload]:
        """Return what makes pods."""
        for found in self.objects:
            if found["kind"] in DEPLOYABLE:
                yield Workload(found, pod_spec(found), pods([found])[0])

    def environment(self, container: dict[str, Any]) -> dict[str, str]:
        """Return the container's plain variables: its ConfigMaps', overridden by its own."""
        data = {found["metadata"]["name"]: found.get("data", {}) for found in self.of_kind("ConfigMap")}
        variables: dict[str, str] = {}
        for source in container.get("envFrom", ()):
            variables |= data.get(source.get("configMapRef", {}).get("name"), {})
        return variables | {entry["name"]: entry["value"] for entry in container.get("env", ()) if "value" in entry}

    def secret_files(self, workload: Workload, container: dict[str, Any], directory: str) -> set[str]:
        """Return the names of the files that Secrets put into a directory of the container."""
        volumes = {volume["name"]: volume for volume in workload.spec.get("volumes", ())}
        return {
            item["path"]
            for mount in container.get("volumeMounts", ())
            if mount["mountPath"] == directory
            for item in volumes[mount["name"]].get("secret", {}).get("items", ())
        }
