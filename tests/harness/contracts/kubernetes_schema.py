"""The one module that knows kubernetes-validate: whether an object fits its schema, in words."""

import json
from functools import lru_cache

import kubernetes_validate

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
        kubernetes_validate.validate(found, version, strict=strict)
    except kubernetes_validate.ValidationError as error:
        place = ".".join(str(step) for step in error.absolute_path)
        return f"Kubernetes {version}: {f'{place}: ' if place else ''}{error.message}"
    except kubernetes_validate.SchemaNotFoundError:
        return f"Kubernetes {version} has no {found['kind']} in {found['apiVersion']}" if strict else None
    # The schemas let a whole `spec` be missing.
    return "it has no containers" if found["kind"] in TEMPLATES and not template(found) else None
