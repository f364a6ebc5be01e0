"""The version, which stands in more than one file."""

from tests.harness.recipe import split
from tests.manifests.overlay import PROJECT, Overlay, is_ours


def test_overlay_runs_the_image_of_this_version(overlay: Overlay) -> None:
    """The tag of the service in every overlay is pyproject.toml's version."""
    images = {container["image"] for workload in overlay.workloads() for container in workload.containers()}
    assert {split(image)[1] for image in images if is_ours(image)} == {PROJECT["version"]}
