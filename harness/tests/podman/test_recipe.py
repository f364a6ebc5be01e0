"""What an image is made by, and when that is something else."""

from pathlib import Path

import pytest

from seatrial.podman import recipe


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("docker.io/library/python:3.14-slim-trixie", ("python", "3.14-slim-trixie")),
        ("localhost:5000/team/web", ("web", "latest")),
        ("ghcr.io/astral-sh/uv:0.13.9", ("uv", "0.13.9")),
    ],
)
def test_split_takes_the_last_part_and_the_tag(reference: str, parts: tuple[str, str]) -> None:
    """A registry's port is not mistaken for a tag."""
    assert recipe.split(reference) == parts


def test_base_arguments_are_the_images_and_no_other_arguments(tmp_path: Path) -> None:
    """Only `ARG NAME_IMAGE=` lines with a default name a base image."""
    containerfile = tmp_path / "Containerfile"
    containerfile.write_text("ARG WEB_IMAGE=example.org/web:1\nARG VERSION=0\n# ARG OLD_IMAGE=x\nARG UV_IMAGE\n")
    assert recipe.base_arguments(containerfile) == {"WEB_IMAGE": "example.org/web:1"}


def test_recipe_of_a_stand_in_changes_with_the_files_below_and_not_by_itself(tmp_path: Path) -> None:
    """A change of what a stand-in is built on is a change of the stand-in."""
    (tmp_path / "debian").mkdir()
    (tmp_path / "debian" / "dpkg.cfg").write_text("a")
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "Containerfile").write_text("ARG DEBIAN_IMAGE=docker.io/library/debian:trixie-slim\n")
    before = recipe.of_stand_in(tmp_path / "web")
    assert recipe.of_stand_in(tmp_path / "web") == before
    (tmp_path / "debian" / "dpkg.cfg").write_text("b")
    assert recipe.of_stand_in(tmp_path / "web") != before
