"""What a container can write to."""

from collections.abc import Iterator

from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay


@contract
def roots_are_read_only(overlay: Overlay) -> Iterator[Check]:
    """Every container's root is read-only: what it writes, it writes to volumes."""
    for container in overlay.containers():
        value = container.security.get("readOnlyRootFilesystem", False)
        yield Check(
            container.where.at("securityContext", "readOnlyRootFilesystem"),
            value is True,
            f"readOnlyRootFilesystem {str(value).lower()}",
        )


@contract
def mounts_exist(overlay: Overlay) -> Iterator[Check]:
    """Every mount is of a volume that the pod has."""
    for workload in overlay.workloads():
        claims = workload.source.get("spec", {}).get("volumeClaimTemplates", ())
        there = workload.volumes().keys() | {each.get("metadata", {}).get("name") for each in claims}
        for container in workload.containers():
            if mounted := set(container.mounts.values()):
                missing = sorted(mounted - there)
                text = f"{', '.join(missing)} is no volume" if missing else f"volumes: {', '.join(sorted(mounted))}"
                yield Check(container.where.at("volumeMounts"), not missing, text)
