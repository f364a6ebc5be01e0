"""Every overlay, found by its directory."""

import asyncio

import pytest

from tests.harness.contracts import Overlay
from tests.manifests.overlay import OVERLAYS, rendered

NAMES = sorted(path.parent.name for path in OVERLAYS.glob("*/kustomization.yaml"))


@pytest.fixture(scope="session")
def overlays() -> dict[str, Overlay]:
    """Return all overlays, rendered once."""

    async def render_all() -> dict[str, Overlay]:
        return {name: await rendered(name) for name in NAMES}

    return asyncio.run(render_all())


@pytest.fixture(params=NAMES)
def overlay(request: pytest.FixtureRequest, overlays: dict[str, Overlay]) -> Overlay:
    """Return one overlay after the other."""
    return overlays[request.param]
