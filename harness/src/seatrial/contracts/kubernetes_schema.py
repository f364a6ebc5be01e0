"""The one module that knows kubernetes-validate: whether an object fits its schema, in words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator, Registry

from seatrial.manifests.kustomize import Object
from seatrial.manifests.place import Step
from seatrial.manifests.workload import TEMPLATES, template

DEFINITIONS = "_definitions.json"
VERSIONS = ("1.33", "1.34", "1.35", "1.36", "1.37")
NEWEST = VERSIONS[-1]
GROUPS = {
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
}
"""Kubernetes's own; every other group is of custom resources, whose schemas are not here."""


OBJECTS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
SELECTOR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "matchLabels": {"type": "object"},
        "matchExpressions": {"type": "array", "items": {"type": "object", "required": ["key", "operator"]}},
    },
}
BACKEND: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}, "port": {"type": "integer"}}}
RULE: dict[str, Any] = {
    "type": "object",
    "properties": {"backendRefs": {"type": "array", "items": BACKEND}, "timeouts": {"type": "object"}},
}
SHAPES: dict[str, dict[str, Any]] = {
    "HTTPRoute": {"rules": {"type": "array", "items": RULE}},
    "PodMonitor": {"selector": SELECTOR, "podMetricsEndpoints": OBJECTS},
    "ServiceMonitor": {"selector": SELECTOR, "endpoints": OBJECTS},
}
"""As much of the shape of custom resources as contracts walk through."""
STRINGS: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
WITH_SPEC = ("HorizontalPodAutoscaler", "Ingress", "NetworkPolicy", "PodDisruptionBudget", "Service", *SHAPES)
"""Kinds that are nothing without a spec, which the schemas do not ask for."""
PLAYED = (*TEMPLATES, "ConfigMap", "PersistentVolumeClaim", "Secret", "Service")
"""Kinds that are played, and so must have the shape of the newest version."""


def is_custom(found: Object) -> bool:
    """Tell whether an object is of a kind that Kubernetes does not define itself."""
    version = str(found.get("apiVersion", ""))
    return version.rpartition("/")[0] not in GROUPS


def is_readable(found: Object) -> bool:
    """Tell whether an object has the shape that contracts know its kind by: another group's Service has its own."""
    if is_custom(found):
        return found["kind"] in SHAPES or found["kind"] in TEMPLATES
    return isinstance(found.get("apiVersion"), str) and _file(found, NEWEST, strict=False) is not None


@dataclass(frozen=True)
class Complaint:
    """What is wrong with an object, in words that name the field, and the steps to it as far as it is there."""

    words: str
    path: tuple[Step, ...] = ()

    def __str__(self) -> str:
        """Return the words."""
        return self.words


def complaint(found: Object, version: str = NEWEST, *, strict: bool = False) -> Complaint | None:
    """Return what is wrong with an object, None when it fits; of a custom resource only its shape is looked at.

    `strict` complains of fields that the schema does not know, and of kinds that the version does not have, which are
    else looked at as custom ones are, unless they are played.
    """
    if not isinstance(found.get("apiVersion"), str):
        return Complaint("it has no apiVersion")
    file = None if is_custom(found) else _file(found, version, strict=strict)
    if file is None and not is_custom(found) and (strict or found["kind"] in PLAYED):
        return Complaint(f"Kubernetes {version} has no {found['kind']} in {found['apiVersion']}", ("apiVersion",))
    if not _validator(file, found["kind"]).is_valid(found):
        path, message = _best_match(_schema(file, found["kind"]), file, found)
        source = "" if is_custom(found) else f"Kubernetes {version}: "
        return Complaint(f"{source}{f'{_dotted(path)}: ' if path else ''}{message}", path)
    # What the schemas allow, and the API server does not.
    for null in () if found["kind"] == "CustomResourceDefinition" else _nulls(found, ()):
        return Complaint(f"{_dotted(null)}: null is no item of a list", null)
    if found["kind"] in TEMPLATES and not template(found) and not is_custom(found):
        return Complaint("it has no containers")
    return Complaint("it has no spec") if found["kind"] in WITH_SPEC and "spec" not in found else None


def _dotted(path: tuple[Step, ...]) -> str:
    return ".".join(map(str, path))


def _nulls(value: Any, path: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """Yield the steps to every null; as a field, where it means nothing, it is no longer there."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield from ((*path, step),) if inner is None else _nulls(inner, (*path, step))


def _shape(kind: str) -> dict[str, Any]:
    """Return the schema of as much of a custom resource as contracts read."""
    metadata = {"type": "object", "properties": {"labels": STRINGS, "annotations": STRINGS}}
    spec = {"type": "object", "properties": SHAPES[kind]} if kind in SHAPES else {}
    return {"type": "object", "properties": {"metadata": metadata, "spec": spec}}


def _file(found: Object, version: str, *, strict: bool) -> Path | None:
    """Return the file with the schema of an object's kind, None when the version has no such kind."""
    group, _, number = found["apiVersion"].rpartition("/")
    name = "-".join(filter(None, (found["kind"].lower(), group.partition(".")[0], number)))
    return _there(f"v{version}.0-local{'-strict' if strict else ''}/{name}.json")


@cache
def _there(name: str) -> Path | None:
    path = _schemas() / name
    return path if path.is_file() else None


@cache
def _schemas() -> Path:
    # To import kubernetes_validate takes longer than to check a hundred objects.
    spec = find_spec("kubernetes_validate")
    assert spec is not None
    return Path(*spec.submodule_search_locations or ()) / "kubernetes-json-schema"


@cache
def _contents(path: Path) -> Any:
    return json.loads(path.read_bytes())


def _schema(file: Path | None, kind: str) -> dict[str, Any]:
    schema: dict[str, Any] = _shape(kind) if file is None else _contents(file)
    return schema


@cache
def _validator(file: Path | None, kind: str) -> Draft202012Validator:
    """Return what tells, thousands of times faster than jsonschema, that an object fits; words it has none for."""
    schema = _schema(file, kind)
    return Draft202012Validator(schema, registry=_definitions(file.parent)) if file else Draft202012Validator(schema)


@cache
def _definitions(folder: Path) -> Registry:
    definitions = _contents(folder / DEFINITIONS)
    return Registry([(definitions["$id"], definitions)])


def _best_match(schema: dict[str, Any], file: Path | None, found: Object) -> tuple[tuple[Step, ...], str]:
    """Return the field and the words of the error that says most of what is wrong with an object that does not fit."""
    # Only what is wrong needs words: to import these takes longer than to check a thousand objects.
    from jsonschema import Draft202012Validator as Explaining  # noqa: PLC0415
    from jsonschema.exceptions import best_match  # noqa: PLC0415
    from referencing import Registry, Resource  # noqa: PLC0415

    registry: Any = Registry()
    if file:
        registry = Resource.from_contents(_contents(file.parent / DEFINITIONS)) @ registry
    error = best_match(Explaining(schema, registry=registry).iter_errors(found))
    assert error is not None
    return tuple(error.absolute_path), error.message
