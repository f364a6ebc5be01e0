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


def test_base_arguments_of_the_service_have_a_stand_in_each() -> None:
    """Every image that the service is built on can be made where no registry answers."""
    names = [recipe.split(official)[0] for official in recipe.base_arguments(recipe.CONTAINERFILE).values()]
    assert names == ["python", "uv"]
    assert all((recipe.STAND_INS / name).is_dir() for name in names)


def test_recipe_of_a_stand_in_changes_with_the_files_below_and_not_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of what a stand-in is built on is a change of the stand-in."""
    (tmp_path / "debian").mkdir()
    (tmp_path / "debian" / "dpkg.cfg").write_text("a")
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "Containerfile").write_text("ARG DEBIAN_IMAGE=docker.io/library/debian:trixie-slim\n")
    monkeypatch.setattr(recipe, "STAND_INS", tmp_path)
    before = recipe.of_stand_in("web")
    assert recipe.of_stand_in("web") == before
    (tmp_path / "debian" / "dpkg.cfg").write_text("b")
    assert recipe.of_stand_in("web") != before


def test_recipe_of_the_service_changes_with_what_the_build_is_sent_and_not_with_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Containerfile, each allowed file and what is passed count; other files and bytecode do not."""
    monkeypatch.setattr(recipe, "CHECKOUT", tmp_path)
    monkeypatch.setattr(recipe, "CONTAINERFILE", tmp_path / "Containerfile")
    (tmp_path / ".containerignore").write_text("*\n!app\n!uv.lock\n**/__pycache__\n")
    (tmp_path / "app" / "__pycache__").mkdir(parents=True)
    for name in ("Containerfile", "uv.lock", "app/main.py"):
        (tmp_path / name).write_text("a")
    recipes = {recipe.of_service("base")}

    for name in ("README.md", "app/__pycache__/main.pyc"):
        (tmp_path / name).write_text("b")
    assert {recipe.of_service("base")} == recipes

    for name in ("Containerfile", "uv.lock", "app/main.py", "app/new.py"):
        (tmp_path / name).write_text("b")
        recipes.add(recipe.of_service("base"))
    recipes.add(recipe.of_service("other"))
    assert len(recipes) == 6
