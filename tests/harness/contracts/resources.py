"""CPU, memory and storage: asked for and limited, and the limits hold what they must."""

from collections.abc import Iterator

from tests.harness.contracts.arithmetic import Term, at_most, term
from tests.harness.contracts.contract import Check, contract
from tests.harness.contracts.overlay import Overlay
from tests.harness.contracts.workload import Container, quantity

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
        given = container.raw.get("resources", {})
        missing = [
            f"{side} {name}" for side in ("requests", "limits") for name in wanted if name not in given.get(side, {})
        ]
        yield Check(
            container.where, not missing, f"not set: {', '.join(missing)}" if missing else f"{', '.join(wanted)}"
        )


@contract
def requests_are_within_limits(overlay: Overlay) -> Iterator[Check]:
    """What is requested is not more than the limit: the API server refuses it."""
    for container in overlay.containers():
        given = container.raw.get("resources", {})
        for name, asked in given.get("requests", {}).items():
            if name in given.get("limits", {}):
                request, limit = quantity(asked), quantity(given["limits"][name])
                yield Check(
                    container.where,
                    request <= limit,
                    f"{name}: {asked} {'<=' if request <= limit else '>'} {given['limits'][name]}",
                )


def in_memory(container: Container) -> list[Term]:
    """Return the sizes of the volumes that a container keeps in memory, which its limit includes."""
    volumes = container.workload.volumes()
    mounted = {name: volumes.get(name, {}).get("emptyDir", {}) for name in container.mounts.values()}
    return [
        mebibytes(f"emptyDir {name}", quantity(volume["sizeLimit"]))
        for name, volume in mounted.items()
        if volume.get("medium") == "Memory" and "sizeLimit" in volume
    ]


@contract
def memory_holds_its_volumes(overlay: Overlay) -> Iterator[Check]:
    """Volumes in memory are limited, and fit the memory limit of the container that they are mounted in."""
    for container in overlay.containers():
        sizes, limit = in_memory(container), container.limit("memory")
        if sizes and limit is not None:
            yield at_most(container.where, sum(sizes[1:], sizes[0]), mebibytes("memory limit", limit))
