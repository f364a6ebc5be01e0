"""What a container can write to."""

from collections.abc import Iterator

from tests.harness.contracts.contract import Check, contract
from tests.harness.contracts.overlay import Overlay


@contract
def roots_are_read_only(overlay: Overlay) -> Iterator[Check]:
    """Every container's root is read-only: what it writes, it writes to volumes."""
    for container in overlay.containers():
        value = container.security.get("readOnlyRootFilesystem", False)
        yield Check(container.where, value is True, f"readOnlyRootFilesystem {str(value).lower()}")


@contract
def mounts_exist(overlay: Overlay) -> Iterator[Check]:
    """Every mount is of a volume that the pod has, and every volume is mounted."""
    for workload in overlay.workloads():
        claims = {each["metadata"]["name"] for each in workload.source.get("spec", {}).get("volumeClaimTemplates", ())}
        there = workload.volumes().keys() | claims
        mounted = {
            mount["name"]
            for container in workload.containers()
            for mount in (*container.raw.get("volumeMounts", ()), *container.raw.get("volumeDevices", ()))
        }
        if there or mounted:
            wrong = sorted(f"{name} is not mounted" for name in there - mounted)
            wrong += sorted(f"{name} is no volume" for name in mounted - there)
            yield Check(workload.where, not wrong, ", ".join(wrong) or f"volumes: {', '.join(sorted(there))}")
