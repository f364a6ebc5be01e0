"""What a container can write to."""

from collections.abc import Iterator

from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay


@contract
def roots_are_read_only(overlay: Overlay) -> Iterator[Check]:
    """Every container's root is read-only: what it writes, it writes to volumes."""
    for container in overlay.containers():
        if container.workload.on_windows:  # where no root can be read-only
            continue
        value = container.security.get("readOnlyRootFilesystem", False)
        yield Check(
            container.where.at("securityContext", "readOnlyRootFilesystem"),
            value is True,
            f"readOnlyRootFilesystem {str(value).lower()}",
        )
