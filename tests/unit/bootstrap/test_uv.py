"""Which uv the project takes and pins."""

from pathlib import Path

import pytest

from bootstrap import uv
from bootstrap.errors import BootstrapError
from bootstrap.tools import CHECKOUT
from bootstrap.version import parse, show


def test_uv_pinned_satisfies_what_the_project_requires() -> None:
    """The version that is installed is one that pyproject.toml takes."""
    pinned = parse(uv.pinned(CHECKOUT))
    assert pinned is not None
    assert pinned >= uv.required(CHECKOUT)


def test_uv_pinned_refuses_an_image_without_a_version(tmp_path: Path) -> None:
    """A floating tag is no pin."""
    (tmp_path / "Containerfile").write_text("ARG UV_IMAGE=ghcr.io/astral-sh/uv:latest\n")
    with pytest.raises(BootstrapError, match="UV_IMAGE"):
        uv.pinned(tmp_path)


@pytest.mark.parametrize("requirement", ["==0.13.9", ">=0.13,<1", "~=0.13"])
def test_uv_required_refuses_what_is_not_a_plain_floor(tmp_path: Path, requirement: str) -> None:
    """A requirement that would be half understood is named instead."""
    (tmp_path / "pyproject.toml").write_text(f'[tool.uv]\nrequired-version = "{requirement}"\n')
    with pytest.raises(BootstrapError, match="required-version"):
        uv.required(tmp_path)


@pytest.mark.parametrize(
    ("text", "version"),
    [("podman version 5.4.2", (5, 4, 2)), ("uv 0.13.9 (x86_64-unknown-linux-gnu)", (0, 13, 9)), ("(devel)", None)],
)
def test_version_parse_finds_the_first_dotted_number(text: str, version: tuple[int, ...] | None) -> None:
    """Versions are read from what tools print, and nothing is read where there is none."""
    assert parse(text) == version


def test_version_show_is_what_people_write() -> None:
    """A version is shown as it was read."""
    assert show((5, 4, 2)) == "5.4.2"
