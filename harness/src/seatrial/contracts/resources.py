"""CPU, memory and storage: asked for and limited, and the limits hold what they must."""

from collections.abc import Iterator
from typing import Any

from seatrial.contracts.arithmetic import Term, at_most, term
from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from seatrial.manifests.quantity import quantity
from seatrial.manifests.workload import Container

MEBIBYTE = 2**20
ON_A_CLUSTER = ("cpu", "memory", "ephemeral-storage")


def mebibytes(name: str, count: float, source: str = "") -> Term:
    """Return a number of bytes as a term in MiB."""
    return term(f"{name} MiB", count / MEBIBYTE, source)


@contract
def resources_are_set(overlay: Overlay) -> Iterator[Check]:
    """Memory is requested and limited; on a cluster CPU and ephemeral storage, too."""
    wanted = ON_A_CLUSTER if overlay.runtime == "cluster" else ("memory",)
    for container in overlay.containers():
        given = (container.workload.spec.get("resources", {}), container.raw.get("resources", {}))
        limits = {name for each in given for name in each.get("limits", {})}
        requests = limits | {name for each in given for name in each.get("requests", {})}  # the limit by default
        missing = [
            f"{side} {name}"
            for side, there in (("requests", requests), ("limits", limits))
            for name in wanted
            if name not in there
        ]
        yield Check(
            container.where.at("resources"),
            not missing,
            f"not set: {', '.join(missing)}" if missing else f"{', '.join(wanted)}",
        )


def _in_memory(container: Container) -> dict[str, dict[str, Any]]:
    volumes = container.workload.volumes()
    mounted = {name: volumes.get(name, {}).get("emptyDir", {}) for name in container.mounts.values()}
    return {name: volume for name, volume in mounted.items() if volume.get("medium") == "Memory"}


def in_memory(container: Container) -> list[Term]:
    """Return the sizes of the volumes that a container keeps in memory, which its limit includes."""
    return [
        mebibytes(f"emptyDir {name}", quantity(volume["sizeLimit"]))
        for name, volume in _in_memory(container).items()
        if "sizeLimit" in volume
    ]


@contract
def memory_holds_its_volumes(overlay: Overlay) -> Iterator[Check]:
    """Volumes in memory are limited, and fit the memory limit of the container that they are mounted in."""
    for container in overlay.containers():
        for name, volume in _in_memory(container).items():
            if "sizeLimit" not in volume:
                yield Check(
                    container.workload.volume_at(name),
                    holds=False,
                    text=f"emptyDir {name} in memory has no sizeLimit",
                )
        sizes, limit = in_memory(container), container.limit("memory")
        if sizes and limit is not None:
            yield at_most(
                container.where.at("resources", "limits", "memory"),
                sum(sizes[1:], sizes[0]),
                mebibytes("memory limit", limit),
            )
