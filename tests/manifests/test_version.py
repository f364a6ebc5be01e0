"""The version, which stands in more than one file."""

from seatrial.contracts import Overlay
from seatrial.podman.recipe import split
from tests.manifests.overlay import VERSION, is_ours


def test_overlay_runs_the_image_of_this_version(overlay: Overlay) -> None:
    """The tag of the service in every overlay is pyproject.toml's version."""
    images = {container.image for container in overlay.containers()}
    assert {split(image)[1] for image in images if is_ours(image)} == {VERSION}
