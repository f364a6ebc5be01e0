"""Every overlay, found by its directory."""

import asyncio

import pytest

from seatrial.contracts import Overlay
from tests.manifests.overlay import NAMES, composed, rendered

COMPONENTS = ("postgres", "autoscaling", "ingress", "gateway", "monitoring", "network-policy")
"""What "composed" is composed of: one of each kind of object."""


@pytest.fixture(scope="session")
def overlays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Overlay]:
    """Return all overlays, rendered once, and with them "composed" for the mutations."""

    async def render_all() -> dict[str, Overlay]:
        found = {name: await rendered(name) for name in NAMES}
        return found | {"composed": await composed(tmp_path_factory.mktemp("composed"), *COMPONENTS)}

    return asyncio.run(render_all())


@pytest.fixture(params=[*NAMES, "composed"])
def overlay(request: pytest.FixtureRequest, overlays: dict[str, Overlay]) -> Overlay:
    """Return one overlay after the other."""
    return overlays[request.param]
