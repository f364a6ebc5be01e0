"""Kinds of one's own: what a CustomResourceDefinition calls them, and its versions."""

from seatrial.admission.refusal import Path, Refusal, Refusals, listed, one_of, part, required, unique
from seatrial.manifests.kustomize import Object

SPEC: Path = ("spec",)


def custom_resource_definition(found: Object) -> Refusals:
    """Refuse a CustomResourceDefinition whose name or versions contradict each other."""
    spec = part(found, "spec")
    plural, group = part(spec, "names").get("plural"), spec.get("group")
    if found["metadata"].get("name") != f"{plural}.{group}":
        yield Refusal(("metadata", "name"), f"given {found['metadata'].get('name')!r}; allowed: {plural}.{group}")
    yield from one_of(spec, SPEC, "scope", ("Namespaced", "Cluster"))
    versions = list(listed(spec, SPEC, "versions"))
    yield from unique(((*here, "name"), version.get("name")) for here, version in versions)
    if (stored := sum(bool(version.get("storage")) for _, version in versions)) != 1:
        yield Refusal((*SPEC, "versions"), f"{stored} of them are stored; allowed: one")
    for here, version in versions:
        yield from required(part(version, "schema"), (*here, "schema"), "openAPIV3Schema")
