"""The one module that knows kubernetes-validate: whether an object fits its schema, in words."""

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

from seatrial.contracts.workload import TEMPLATES, template
from seatrial.manifests.kustomize import Object

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
    try:
        _validator(found, NEWEST, strict=False)
    except (FileNotFoundError, KeyError):  # no such kind, or no apiVersion
        return False
    return True


def complaint(found: Object, version: str = NEWEST, *, strict: bool = False) -> str | None:
    """Return what is wrong with an object, None when it fits; of a custom resource only its shape is looked at.

    `strict` complains of fields that the schema does not know, and of kinds that the version does not have, which are
    else looked at as custom ones are, unless they are played.
    """
    return _complaint(json.dumps(found, sort_keys=True), version, strict)


@lru_cache(maxsize=4096)  # overlays and their mutations have most objects in common
def _complaint(text: str, version: str, strict: bool) -> str | None:  # noqa: FBT001 - a cache's key
    found = json.loads(text)
    if not isinstance(found.get("apiVersion"), str):
        return "it has no apiVersion"
    try:
        validator = _shape(found["kind"]) if is_custom(found) else _validator(found, version, strict=strict)
    except FileNotFoundError:
        if strict or found["kind"] in PLAYED:
            return f"Kubernetes {version} has no {found['kind']} in {found['apiVersion']}"
        validator = _shape(found["kind"])
    if error := best_match(validator.iter_errors(found)):
        place = ".".join(str(step) for step in error.absolute_path)
        source = "" if is_custom(found) else f"Kubernetes {version}: "
        return f"{source}{f'{place}: ' if place else ''}{error.message}"
    # What the schemas allow, and the API server does not.
    for null in () if found["kind"] == "CustomResourceDefinition" else _nulls(found, ""):
        return f"{null}: null is no item of a list"
    if found["kind"] in TEMPLATES and not template(found) and not is_custom(found):
        return "it has no containers"
    return "it has no spec" if found["kind"] in WITH_SPEC and "spec" not in found else None


def _nulls(value: Any, path: str) -> Iterator[str]:
    """Yield the place of every null; as a field, where it means nothing, it is no longer there."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        here = f"{path}.{step}".lstrip(".")
        yield from (here,) if inner is None else _nulls(inner, here)


@cache
def _shape(kind: str) -> Draft202012Validator:
    """Return the validator of as much of a custom resource as contracts read."""
    metadata = {"type": "object", "properties": {"labels": STRINGS, "annotations": STRINGS}}
    spec = {"type": "object", "properties": SHAPES[kind]} if kind in SHAPES else {}
    return Draft202012Validator({"type": "object", "properties": {"metadata": metadata, "spec": spec}})


def _validator(found: Object, version: str, *, strict: bool) -> Draft202012Validator:
    """Return the validator of an object's kind; raises FileNotFoundError when the version has no such kind."""
    group, _, number = found["apiVersion"].rpartition("/")
    name = "-".join(filter(None, (found["kind"].lower(), group.partition(".")[0], number)))
    return _of_file(f"kubernetes-json-schema/v{version}.0-local{'-strict' if strict else ''}", name, version)


# kubernetes_validate.validate() parses megabytes of definitions for each object.
@cache
def _of_file(folder: str, name: str, version: str) -> Draft202012Validator:
    schema = schema_contents(f"{folder}/{name}.json", version)
    return Draft202012Validator(schema, registry=Resource.from_contents(schema) @ _definitions(folder, version))


@cache
def _definitions(folder: str, version: str) -> Registry[Any]:
    return Resource.from_contents(schema_contents(f"{folder}/_definitions.json", version)) @ Registry()
