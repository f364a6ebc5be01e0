"""Volumes of a cluster, and the classes that make them."""

from seatrial.admission import names
from seatrial.admission.quantities import quantity
from seatrial.admission.refusal import Fields, Path, Refusal, Refusals, follows, listed, one_of, part, required
from seatrial.admission.volumes import modes
from seatrial.manifests.kustomize import Object
from seatrial.manifests.quantity import parsed

SPEC: Path = ("spec",)
SETTINGS = (
    *("accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity"),
    *("persistentVolumeReclaimPolicy", "storageClassName", "volumeAttributesClassName", "volumeMode"),
)
"""What a PersistentVolume's spec has beside the one source of its data."""
RECLAIM = ("Delete", "Retain")


def persistent_volume(found: Object) -> Refusals:
    """Refuse a PersistentVolume."""
    spec = part(found, "spec")
    yield from modes(spec, SPEC)
    yield from required(part(spec, "capacity"), (*SPEC, "capacity"), "storage")
    for name, amount in part(spec, "capacity").items():
        yield from _more_than_nothing(name, amount)
    yield from one_of(spec, SPEC, "persistentVolumeReclaimPolicy", (*RECLAIM, "Recycle"))
    yield from one_of(spec, SPEC, "volumeMode", ("Filesystem", "Block"))
    yield from follows(spec, SPEC, "storageClassName", names.subdomain)
    sources = [name for name, source in spec.items() if name not in SETTINGS and source is not None]
    if not sources:
        yield Refusal(SPEC, "it has no source of its data, as `hostPath`, `local`, `nfs` or `csi`")
    elif len(sources) > 1:
        yield Refusal((*SPEC, sources[1]), f"it has more than one source: {', '.join(sources)}")
    yield from _on_a_node(spec)


def _more_than_nothing(name: str, amount: object) -> Refusals:
    here = (*SPEC, "capacity", name)
    if name != "storage":
        yield Refusal(here, f"given {name!r}; allowed: storage")
    yield from quantity(amount, here)
    if parsed(amount) == 0:
        yield Refusal(here, "given 0; allowed: more")


def _on_a_node(spec: Fields) -> Refusals:
    if spec.get("local") is not None:
        yield from required(part(spec, "local"), (*SPEC, "local"), "path")
        yield from required(spec, SPEC, "nodeAffinity")
    path = part(spec, "hostPath").get("path")
    if spec.get("hostPath") is not None:
        yield from required(part(spec, "hostPath"), (*SPEC, "hostPath"), "path")
    if path == "/" and spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        yield Refusal((*SPEC, "persistentVolumeReclaimPolicy"), "Recycle would remove all that is on the host's `/`")


def storage_class(found: Object) -> Refusals:
    """Refuse a StorageClass."""
    yield from required(found, (), "provisioner")
    yield from follows(found, (), "provisioner", lambda given: names.qualified(given.lower()))
    yield from one_of(found, (), "reclaimPolicy", RECLAIM)
    yield from one_of(found, (), "volumeBindingMode", ("Immediate", "WaitForFirstConsumer"))
    for here, topology in listed(found, (), "allowedTopologies"):
        for at, expression in listed(topology, here, "matchLabelExpressions"):
            yield from required(expression, at, "key", "values")
