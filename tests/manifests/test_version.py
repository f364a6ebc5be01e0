"""The version, which stands in more than one file."""

import tomllib
from pathlib import Path

from tests.manifests.overlay import Overlay


def test_overlay_runs_the_image_of_this_version(overlay: Overlay) -> None:
    """The tag in every overlay is pyproject.toml's version."""
    version = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]["version"]
    images = {container["image"] for workload in overlay.workloads() for container in workload.containers()}
    assert {image.rpartition(":")[2] for image in images} == {version}
