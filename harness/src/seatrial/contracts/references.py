"""What is named is there: what pods take from ConfigMaps, Secrets and claims, and what else is meant by its name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from seatrial.contracts.contract import Check, contract
from seatrial.contracts.kubernetes_schema import is_custom
from seatrial.contracts.overlay import Overlay, together
from seatrial.manifests.kustomize import Object
from seatrial.manifests.place import Place, Step, whole
from seatrial.manifests.workload import Container, Workload

EVERYWHERE = ("kube-root-ca.crt", "openshift-service-ca.crt")
"""ConfigMaps that a cluster has in every namespace."""
ALIKE = 0.75
"""From which likeness on (difflib's ratio) a name is taken for another that is misspelt."""
OUT_OF_BAND = ("Secret", "ClusterRole")
"""Kinds of which some are made by others, as by cert-manager, or always there: a name like one here alone is told."""


@dataclass(frozen=True)
class Named:
    """Where something is named, the kind and the name that are meant, and the key in it."""

    where: Place
    kind: str
    name: str
    key: str | None = None


@contract
def what_is_named_exists(overlay: Overlay) -> Iterator[Check]:
    """A ConfigMap, Secret, claim, Service or role that is named is there, and has the keys that are asked for."""
    for workload in overlay.workloads():
        for named in named_by(workload):
            yield from _found(overlay, workload.source, named)
    for found in overlay.of_kind("StatefulSet", "RoleBinding", "ClusterRoleBinding", "Ingress"):
        for named in _of_object(found):
            yield from _found(overlay, found, named)


def _found(overlay: Overlay, by: Object, named: Named) -> Iterator[Check]:
    """Check what is named, unless it may be made by something that is not in the overlay."""
    kind, name, key = named.kind, named.name, named.key
    near = {
        str(found["metadata"]["name"]): found
        for found in overlay.of_kind(kind)
        if together(found, by) or kind == "ClusterRole"
    }
    if name in near:
        there = keys(near[name])
        if key is not None and there:
            text = f"key {key} of {kind} {name}" + ("" if key in there else f", which has {', '.join(sorted(there))}")
            yield Check(named.where, key in there, text)
        return
    alike = get_close_matches(name, near, n=1, cutoff=ALIKE)
    if not near or name in EVERYWHERE or (kind in OUT_OF_BAND and not alike) or _is_made_here(overlay, name):
        return
    text = f"there is no {kind} {name}; there {'is' if len(near) == 1 else 'are'} {', '.join(sorted(near))}"
    yield Check(named.where, holds=False, text=text)


def keys(found: Object) -> set[str]:
    """Return the keys of what has any; a ConfigMap or Secret without one may be filled by somebody else."""
    return {key for field in ("data", "binaryData", "stringData") for key in found.get(field, {})}


def _is_made_here(overlay: Overlay, name: str) -> bool:
    """Tell whether a custom resource says the name: its controller makes what is called so."""
    return any(name in _texts(found) for found in overlay.objects if is_custom(found))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def named_by(workload: Workload) -> Iterator[Named]:
    """Yield what a workload's pods cannot begin without."""
    for container in workload.containers():
        yield from _of_variables(container)
    for index, volume in enumerate(workload.spec.get("volumes", ())):
        where = workload.pod_at("volumes", index)
        if name := volume.get("persistentVolumeClaim", {}).get("claimName"):
            yield Named(where, "PersistentVolumeClaim", name)
        sources = [volume, *volume.get("projected", {}).get("sources", ())]
        for source in sources:
            yield from _of_files(source, where)


def _of_variables(container: Container) -> Iterator[Named]:
    for index, source in enumerate(container.raw.get("envFrom", ())):
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if (named := source.get(field, {})) and not named.get("optional"):
                yield Named(container.where.at("envFrom", index), kind, named.get("name", ""))
    for index, entry in enumerate(container.raw.get("env", ())):
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            if (named := entry.get("valueFrom", {}).get(field, {})) and not named.get("optional"):
                yield Named(container.where.at("env", index), kind, named.get("name", ""), named["key"])


def _of_files(source: Mapping[str, Any], where: Place) -> Iterator[Named]:
    for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
        named = source.get(field, {})
        name = named.get("name") or named.get("secretName")
        if name and not named.get("optional"):
            yield Named(where, kind, name)
            for item in named.get("items", ()):
                yield Named(where, kind, name, item["key"])


def _of_object(found: Object) -> Iterator[Named]:
    def at(*steps: Step) -> Place:
        return whole(found).at(*steps)

    match found["kind"]:
        case "StatefulSet":
            if name := found["spec"].get("serviceName"):
                yield Named(at("spec", "serviceName"), "Service", name)
        case "Ingress":
            for index, tls in enumerate(found["spec"].get("tls", ())):
                if name := tls.get("secretName"):
                    yield Named(at("spec", "tls", index), "Secret", name)
        case _:
            role = found["roleRef"]
            yield Named(at("roleRef"), role["kind"], role["name"])
