"""From an overlay to units: each pod is a unit, whose YAML is the pod and the objects that it needs."""

import configparser
import copy
from collections.abc import Iterable, Mapping
from pathlib import Path

from seatrial.errors import ManifestError
from seatrial.manifests.isolation import with_images
from seatrial.manifests.kustomize import Object, dump
from seatrial.manifests.pods import is_deployable, pod_spec, pods

QUADLET = "quadlet"
APPLICATION = "seatrial"
NETWORK = f"{APPLICATION}.network"
PROXY = f"{APPLICATION}-proxy"
COLOURS = (f"{APPLICATION}-blue", f"{APPLICATION}-green")
OVERLAY = "seatrial.dev/overlay"
IMAGE = "seatrial.dev/image"


def unit_of(workload: str) -> str:
    """Return the unit that runs a workload."""
    return workload if workload.startswith(APPLICATION) else f"{APPLICATION}-{workload}"


def units_beside(overlay: Path) -> Path:
    """Return the directory of the unit files that an overlay is installed by: `quadlet`, in it or in one above it."""
    place = overlay.resolve()
    for directory in (place, *place.parents):
        if (directory / QUADLET).is_dir():
            return directory / QUADLET
    raise ManifestError(f"{overlay}: neither it nor a directory above it has the unit files, in {QUADLET}/")


def parts(objects: Iterable[Object], overlay: Path) -> dict[str, list[Object]]:
    """Return each unit's objects, in the order they are to be started; ManifestError for a pod without a unit file."""
    quadlet = units_beside(overlay)
    objects = list(objects)
    units: dict[str, list[Object]] = {}
    for found in objects:
        if not is_deployable(found):
            continue
        unit = unit_of(found["metadata"]["name"])
        if not (quadlet / f"{unit}.kube").is_file():
            raise ManifestError(
                f"{overlay}: {found['kind']} {found['metadata']['name']}: there is no {unit}.kube in {quadlet}"
            )
        workload = copy.deepcopy(found)
        workload["metadata"].setdefault("annotations", {})[OVERLAY] = str(overlay)
        if unit == PROXY:
            _know_the_colours(workload, quadlet)
        names = set(_references(workload))
        needed = [each for each in objects if (each["kind"], each["metadata"]["name"]) in names]
        units[unit] = [*needed, workload]
    return units


def address(unit_file: Path) -> str:
    """Return the fixed address of a colour, which its unit file has."""
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.read(unit_file)
    return parsed["Kube"]["Network"].rpartition(":ip=")[2].partition(",")[0]


def of_image(objects: Iterable[Object], given: str, identity: str) -> str:
    """Return a colour's YAML for an image: by its id, so that a tag that moves changes nothing that is installed."""
    (workload,) = (found for found in objects if is_deployable(found))
    images = {own_image(workload): identity}
    changed = with_images(objects, {name.rpartition(":")[0]: image for name, image in images.items()})
    for found in changed:
        if is_deployable(found):
            found["metadata"].setdefault("annotations", {})[IMAGE] = given
    return dump(changed)


def own_image(workload: Object) -> str:
    """Return the image of a workload's first container."""
    image: str = pod_spec(workload)["containers"][0]["image"]
    return image


def annotation(objects: Iterable[Object], name: str) -> str | None:
    """Return an annotation of the one workload among a unit's objects."""
    for found in objects:
        if is_deployable(found):
            annotations: Mapping[str, str] = found["metadata"].get("annotations") or {}
            return annotations.get(name)
    return None


def volume(objects: Iterable[Object]) -> str:
    """Return the volume that the one workload among a unit's objects has its data on; ManifestError without one."""
    for found in objects:
        for kind, name in _references(found) if is_deployable(found) else ():
            if kind == "PersistentVolumeClaim":
                return name
    raise ManifestError("the service has its data on no volume here: neither SQLite's nor PostgreSQL's")


def secrets_needed(objects: Iterable[Object]) -> dict[str, set[str]]:
    """Return the Secrets that pods mount, and their keys."""
    wanted: dict[str, set[str]] = {}
    for found in objects:
        for volume in pod_spec(found).get("volumes") or () if is_deployable(found) else ():
            match volume:
                case {"secret": {"secretName": name, "items": items}}:
                    wanted.setdefault(name, set()).update(item["key"] for item in items)
    return wanted


def grace_seconds(objects: Iterable[Object]) -> float:
    """Return the longest grace period among the pods."""
    return max(template.grace_period_seconds for template in pods(objects))


def _know_the_colours(workload: Object, quadlet: Path) -> None:
    aliases = [{"ip": address(quadlet / f"{colour}.kube"), "hostnames": [colour]} for colour in COLOURS]
    pod_spec(workload)["hostAliases"] = aliases


def _references(workload: Object) -> Iterable[tuple[str, str]]:
    spec = pod_spec(workload)
    for volume in spec.get("volumes") or ():
        match volume:
            case {"configMap": {"name": name}}:
                yield "ConfigMap", name
            case {"persistentVolumeClaim": {"claimName": name}}:
                yield "PersistentVolumeClaim", name
    for container in (*(spec.get("initContainers") or ()), *spec["containers"]):
        for source in container.get("envFrom") or ():
            if reference := source.get("configMapRef"):
                yield "ConfigMap", reference["name"]
