"""What this repository promises of its own overlays beyond what every deployment must."""

import json
from collections.abc import Iterator

from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from seatrial.manifests.place import whole
from tests.manifests.contracts.service import services

HIGH_USER = "CKV_K8S_40"
HIGHEST = 10_000
UNPRIVILEGED = 1024
TEMPORARY = "/tmp"  # noqa: S108 - the path is the claim


@contract
def images_that_are_there_are_used(overlay: Overlay) -> Iterator[Check]:
    """An image that is on the node is not pulled again: nodes need no registry to start what is pinned."""
    for container in overlay.containers():
        policy = container.raw.get("imagePullPolicy", "not set")
        yield Check(container.where, policy == "IfNotPresent", f"imagePullPolicy {policy}")


@contract
def secrets_are_not_rendered(overlay: Overlay) -> Iterator[Check]:
    """No Secret with something in it is rendered: overlays name Secrets, and nobody commits one."""
    for found in overlay.of_kind("Secret"):
        keys = [*found.get("data", {}), *found.get("stringData", {})]
        yield Check(whole(found), not keys, f"keys: {', '.join(keys) or 'none'}")


@contract
def temporary_files_have_a_volume(overlay: Overlay) -> Iterator[Check]:
    """Every container has a volume on /tmp: podman adds one to a read-only root by itself, Kubernetes does not."""
    for container in overlay.containers():
        paths = ", ".join(container.mounts) or "nothing"
        yield Check(container.where, TEMPORARY in container.mounts, f"mounted: {paths}")


@contract
def users_are_not_the_hosts(overlay: Overlay) -> Iterator[Check]:
    """User and group are above 10000, where no account of a host is; where an image has another, Checkov is told."""
    for container in overlay.containers():
        if HIGH_USER not in json.dumps(container.workload.source["metadata"].get("annotations", {})):
            for field in ("runAsUser", "runAsGroup"):
                if number := container.security.get(field):  # none, and 0, are other contracts' business
                    yield Check(container.where, number > HIGHEST, f"{field} {number}")


@contract
def ports_need_no_privilege(overlay: Overlay) -> Iterator[Check]:
    """Ports are above 1023: others take a capability, or a kernel setting that not every node has."""
    for container in overlay.containers():
        for port in container.ports:
            number = port["containerPort"]
            yield Check(container.where, number >= UNPRIVILEGED, f"containerPort {number}")


@contract
def podman_probes_need_no_curl(overlay: Overlay) -> Iterator[Check]:
    """On podman startup and liveness probes of the service are commands: httpGet would be curl, which it lacks."""
    for service in services(overlay) if overlay.runtime == "podman" else ():
        for name, probe in service.container.probes.items():
            if name != "readiness":
                yield Check(service.container.probe_at(name), "exec" in probe.handler, f"{probe.handler}")
