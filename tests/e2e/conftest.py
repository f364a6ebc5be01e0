"""The image under test and the overlay that it is tested in."""

import asyncio
from pathlib import Path

import pytest

from tests.harness import images
from tests.harness.local import overlay_path

CONTROLS = Path(__file__).parents[1] / "controls"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the end-to-end tests."""
    parser.addoption("--overlay", default="podman", help="a name in kustomize/overlays, or a path")


@pytest.fixture(scope="session", autouse=True)
def image() -> str:
    """Return the image that the overlays name, built from the checkout as it is."""

    async def build() -> str:
        await images.build(await images.base_images(tell=print))
        return images.reference()

    return asyncio.run(build())


@pytest.fixture
def overlay(request: pytest.FixtureRequest) -> Path:
    """Return the overlay under test."""
    return overlay_path(request.config.getoption("--overlay"))


@pytest.fixture
def tutorial() -> Path:
    """Return the control that drops requests."""
    return CONTROLS / "tutorial"
