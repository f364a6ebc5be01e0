"""Volumes of a pod, and claims: what is mounted, and from where."""

from collections.abc import Mapping

from seatrial.admission import names
from seatrial.admission.containers import FIELDS, amount_of
from seatrial.admission.quantities import quantity
from seatrial.admission.refusal import (
    Fields,
    Path,
    Refusal,
    Refusals,
    between,
    exactly_one,
    follows,
    listed,
    one_of,
    part,
    required,
    unique,
)
from seatrial.manifests.quantity import parsed

HOST_TYPES = ("DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice")
PROJECTED = ("secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate")
ACCESS_MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
NEEDED = {
    "secret": ("secretName",),
    "persistentVolumeClaim": ("claimName",),
    "hostPath": ("path",),
    "nfs": ("server", "path"),
    "csi": ("driver",),
    "image": ("reference",),
}
"""What each kind of volume cannot be without."""
MODES = (0, 0o777)


def mountable(pod: Fields, workload: Fields) -> Mapping[str, bool]:
    """Return the names of a pod's volumes, those of its StatefulSet's claims included, and whether each is a claim."""
    found = {
        str(volume.get("name")): bool(volume.get("persistentVolumeClaim") or volume.get("ephemeral"))
        for volume in pod.get("volumes") or ()
    }
    claims = workload.get("volumeClaimTemplates") or ()
    return found | {str((claim.get("metadata") or {}).get("name")): True for claim in claims}


def volumes(pod: Fields, path: Path) -> Refusals:
    """Refuse volumes of a pod."""
    given = list(listed(pod, path, "volumes"))
    for here, volume in given:
        yield from required(volume, here, "name")
        yield from follows(volume, here, "name", names.label)
        sources = [name for name, source in volume.items() if name != "name" and source is not None]
        if len(sources) > 1:
            yield Refusal((*here, sources[1]), f"it has more than one source: {', '.join(sources)}")
        for kind in sources:
            yield from _source(kind, part(volume, kind), (*here, kind))
    yield from unique(((*here, "name"), volume.get("name")) for here, volume in given)


def _source(kind: str, source: Fields, path: Path) -> Refusals:
    yield from required(source, path, *NEEDED.get(kind, ()))
    match kind:
        case "hostPath":
            yield from one_of(source, path, "type", HOST_TYPES)
            if ".." in str(source.get("path", "")).split("/"):
                yield Refusal((*path, "path"), "it has `..` in it")
        case "nfs" if not str(source.get("path") or "/").startswith("/"):
            yield Refusal((*path, "path"), f"given {source['path']!r}; allowed: a path from `/`")
        case "emptyDir":
            if source.get("sizeLimit") is not None:
                yield from quantity(source["sizeLimit"], (*path, "sizeLimit"))
        case "configMap" | "secret" | "downwardAPI":
            yield from _files(source, path)
        case "projected":
            yield from _projected(source, path)
        case "ephemeral":
            yield from claim(part(part(source, "volumeClaimTemplate"), "spec"), (*path, "volumeClaimTemplate", "spec"))


def _files(source: Fields, path: Path) -> Refusals:
    yield from between(source, path, "defaultMode", *MODES)
    for here, item in listed(source, path, "items"):
        yield from required(item, here, "path")
        if "fieldRef" not in item and "resourceFieldRef" not in item:
            yield from required(item, here, "key")
            yield from follows(item, here, "key", names.data_key)
        yield from between(item, here, "mode", *MODES)
        steps = str(item.get("path", "")).split("/")
        if (steps[0] == "" and len(steps) > 1) or ".." in steps or steps[0].startswith(".."):
            yield Refusal((*here, "path"), f"given {item['path']!r}; allowed: a path within the volume, without `..`")
        if (amount := item.get("resourceFieldRef")) is not None:
            yield from required(amount, (*here, "resourceFieldRef"), "containerName")
            yield from amount_of(amount, (*here, "resourceFieldRef"))
        field = part(item, "fieldRef")
        # A volume may have all labels at once, and tells no addresses: those change.
        allowed = field.get("fieldPath") in ("metadata.labels", "metadata.annotations")
        if field and not (allowed or FIELDS.fullmatch(str(field.get("fieldPath", "")))):
            yield Refusal(
                (*here, "fieldRef", "fieldPath"), f"given {field.get('fieldPath')!r}; no field that can be had"
            )


def _projected(source: Fields, path: Path) -> Refusals:
    yield from between(source, path, "defaultMode", *MODES)
    written: list[tuple[Path, object]] = []
    for here, projection in listed(source, path, "sources"):
        yield from exactly_one(projection, here, PROJECTED, "source")
        for kind in ("secret", "configMap", "downwardAPI"):
            if (projected := projection.get(kind)) is not None:
                yield from required(projected, (*here, kind), *(() if kind == "downwardAPI" else ("name",)))
                yield from _files(projected, (*here, kind))
                items = listed(projected, (*here, kind), "items")
                written += [((*at, "path"), item.get("path")) for at, item in items]
        token = part(projection, "serviceAccountToken")
        if token:
            yield from required(token, (*here, "serviceAccountToken"), "path")
            yield from between(token, (*here, "serviceAccountToken"), "expirationSeconds", 600, 2**32)
    yield from unique(written)


def claim(spec: Fields, path: Path) -> Refusals:
    """Refuse the spec of a claim."""
    yield from modes(spec, path)
    asked = part(part(spec, "resources"), "requests").get("storage")
    here = (*path, "resources", "requests", "storage")
    if asked is None:
        yield Refusal(here, "it is required")
    else:
        yield from quantity(asked, here)
        if parsed(asked) == 0:
            yield Refusal(here, "given 0; allowed: more")
    yield from one_of(spec, path, "volumeMode", ("Filesystem", "Block"))
    yield from follows(spec, path, "storageClassName", names.subdomain)
    yield from names.selector(part(spec, "selector"), (*path, "selector"))


def modes(spec: Fields, path: Path) -> Refusals:
    """Refuse the modes in which a claim or a volume is mounted."""
    yield from required(spec, path, "accessModes")
    given = spec.get("accessModes") or ()
    for number, mode in enumerate(given):
        if mode not in ACCESS_MODES:
            yield Refusal((*path, "accessModes", number), f"given {mode!r}; allowed: {', '.join(ACCESS_MODES)}")
    if "ReadWriteOncePod" in given and len(given) > 1:
        yield Refusal((*path, "accessModes"), "ReadWriteOncePod goes with no other")
