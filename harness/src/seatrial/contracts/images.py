"""Images: what was tested is what runs."""

from collections.abc import Iterator

from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay


@contract
def images_are_pinned(overlay: Overlay) -> Iterator[Check]:
    """Every image has a digest or an exact tag: `latest` is another image tomorrow."""
    for container in overlay.containers():
        name, _, digest = container.image.partition("@")
        tag = name.rpartition("/")[2].partition(":")[2]
        pinned = bool(digest) or tag not in ("", "latest")
        yield Check(
            container.where.at("image"),
            pinned,
            f"image {container.image or 'is missing'}" + ("" if pinned else ": no exact tag"),
        )
