"""Where the overlays are, and which containers in them are the service."""

import tomllib
from pathlib import Path
from typing import Any

from tests.harness.contracts import Overlay
from tests.harness.kustomize import render
from tests.harness.recipe import split

CHECKOUT = Path(__file__).parents[2]
OVERLAYS = CHECKOUT / "kustomize" / "overlays"
PROJECT: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]


def is_ours(image: str) -> bool:
    """Tell whether an image is the service's own, whatever its registry and tag."""
    return bool(split(image)[0] == PROJECT["name"])


async def rendered(name: str) -> Overlay:
    """Return an overlay of this repository, for the runtime that its name says; raises RenderError."""
    return Overlay(name, await render(OVERLAYS / name), "podman" if name.startswith("podman") else "cluster")
