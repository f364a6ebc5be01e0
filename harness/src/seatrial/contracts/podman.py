"""What podman makes of an overlay that is written for it: nothing may be dropped, or shared, without a reason."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from seatrial.contracts.contract import Check, contract_for
from seatrial.contracts.overlay import Overlay
from seatrial.contracts.podman_fields import HONOURED, KINDS, Fields
from seatrial.contracts.selectors import selected
from seatrial.manifests.place import whole

FLOOR = "5.1"
PART_OF = "app.kubernetes.io/part-of"


@contract_for("podman")
def podman_honours_what_is_asked(overlay: Overlay) -> Iterator[Check]:
    """Every kind and field of an overlay for podman is one that podman 5.1 honours, or is listed with its reason."""
    for found in overlay.objects:
        yield _of_object(found)


def _of_object(found: dict[str, Any]) -> Check:
    fields = KINDS.get(found["kind"])
    if fields is None:
        return Check(whole(found), holds=False, text=f"podman {FLOOR} drops the whole {found['kind']}")
    if isinstance(fields, str):
        return Check(whole(found), holds=True, text=f"not played: {fields}")
    dropped = dict(_dropped(found, fields, ()))
    unknown = [path for path, reason in dropped.items() if reason is None]
    if unknown:
        return Check(whole(found), holds=False, text=f"podman {FLOOR} drops {', '.join(unknown)}")
    reasons = "; ".join(
        f"{reason}: {', '.join(path for path, each in dropped.items() if each == reason)}"
        for reason in dict.fromkeys(dropped.values())
    )
    return Check(whole(found), holds=True, text=f"drops {reasons or 'nothing'}")


def _dropped(value: Any, fields: Fields, path: tuple[str, ...]) -> Iterator[tuple[str, str | None]]:
    """Yield the path of every field that podman drops, with the reason that is listed for it, if one is."""
    if isinstance(value, list):
        for item in value:
            yield from _dropped(item, fields, path)
        return
    for name, inner in value.items():
        known = fields.get(name)
        here = (*path, name)
        if isinstance(known, dict):
            yield from _dropped(inner, known, here)
        elif known != HONOURED:
            yield ".".join(here), known


@contract_for("podman")
def podman_users_are_numbers(overlay: Overlay) -> Iterator[Check]:
    """On podman, which ignores runAsNonRoot, every container's user is a number above 0."""
    for container in overlay.containers():
        user = container.security.get("runAsUser")
        yield Check(
            container.where.at("securityContext", "runAsUser"), isinstance(user, int) and user > 0, f"runAsUser {user}"
        )


@contract_for("podman")
def podman_variables_have_one_source(overlay: Overlay) -> Iterator[Check]:
    """On podman, where before 5.8 envFrom wrongly beats env, no variable comes from both."""
    for container in overlay.containers():
        own = {entry["name"] for entry in container.raw.get("env", ())}
        given = overlay.environment(replace(container, raw={**container.raw, "env": []}))
        twice = sorted(own & given.keys())
        text = f"from both: {', '.join(twice)}" if twice else f"{len(own)} of env, {len(given)} of envFrom"
        yield Check(container.where.at("env"), not twice, text)


@contract_for("podman")
def podman_finds_services_by_name(overlay: Overlay) -> Iterator[Check]:
    """On podman, whose DNS knows containers, a container of a Service's pods has the Service's name."""
    for found in overlay.of_kind("Service"):
        names = [each.name for workload in selected(overlay, found) for each in workload.serving()]
        if names:
            yield Check(whole(found), found["metadata"]["name"] in names, f"containers: {', '.join(names)}")


@contract_for("podman")
def podman_volumes_are_not_shared(overlay: Overlay) -> Iterator[Check]:
    """On podman, whose pods share an emptyDir by its name, the name begins with the application's (part-of)."""
    for workload in overlay.workloads():
        application = workload.labels.get(PART_OF, "")
        for name, volume in workload.volumes().items():
            if "emptyDir" in volume:
                holds = bool(application) and name.startswith(f"{application}-")
                yield Check(workload.volume_at(name), holds, f"emptyDir {name}, {PART_OF} {application or 'not set'}")
