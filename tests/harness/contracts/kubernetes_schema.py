"""The one module that knows kubernetes-validate: whether an object fits its schema, in words."""

import json
from functools import cache, lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

from tests.harness.contracts.workload import TEMPLATES, template
from tests.harness.kustomize import Object

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


def is_custom(found: Object) -> bool:
    """Tell whether an object is of a kind that Kubernetes does not define itself."""
    version = str(found.get("apiVersion", ""))
    return version.rpartition("/")[0] not in GROUPS


def complaint(found: Object, version: str = NEWEST, *, strict: bool = False) -> str | None:
    """Return what is wrong with an object, None when it fits or is a custom resource.

    `strict` complains of fields that the schema does not know, and of kinds that the version does not have.
    """
    return None if is_custom(found) else _complaint(json.dumps(found, sort_keys=True, default=str), version, strict)


@lru_cache(maxsize=4096)  # overlays and their mutations have most objects in common
def _complaint(text: str, version: str, strict: bool) -> str | None:  # noqa: FBT001 - a cache's key
    found = json.loads(text)
    if not isinstance(found.get("apiVersion"), str):
        return "it has no apiVersion"
    try:
        error = best_match(_validator(found["apiVersion"], found["kind"], version, strict).iter_errors(found))
    except FileNotFoundError:
        return f"Kubernetes {version} has no {found['kind']} in {found['apiVersion']}" if strict else None
    if error:
        place = ".".join(str(step) for step in error.absolute_path)
        return f"Kubernetes {version}: {f'{place}: ' if place else ''}{error.message}"
    # The schemas let a whole `spec` be missing.
    return "it has no containers" if found["kind"] in TEMPLATES and not template(found) else None


# kubernetes_validate.validate() parses megabytes of definitions for each object.
@cache
def _validator(api_version: str, kind: str, version: str, strict: bool) -> Draft202012Validator:  # noqa: FBT001 - the same
    """Return the validator of a kind; raises FileNotFoundError when the version has no such kind."""
    folder = f"kubernetes-json-schema/v{version}.0-local{'-strict' if strict else ''}"
    group, _, number = api_version.rpartition("/")
    name = "-".join(filter(None, (kind.lower(), group.partition(".")[0], number)))
    schema = schema_contents(f"{folder}/{name}.json", version)
    return Draft202012Validator(schema, registry=Resource.from_contents(schema) @ _definitions(folder, version))


@cache
def _definitions(folder: str, version: str) -> Registry[Any]:
    return Resource.from_contents(schema_contents(f"{folder}/_definitions.json", version)) @ Registry()
