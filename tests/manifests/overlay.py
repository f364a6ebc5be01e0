"""Where the overlays are, and which containers in them are the service."""

import os
import tomllib
from pathlib import Path
from typing import Any

import yaml

from seatrial.contracts import Overlay
from seatrial.contracts.overlay import Runtime
from seatrial.manifests.kustomize import render
from seatrial.podman.recipe import split

CHECKOUT = Path(__file__).parents[2]
KUSTOMIZE = CHECKOUT / "kustomize"
OVERLAYS = KUSTOMIZE / "overlays"
NAMES = sorted(path.parent.name for path in OVERLAYS.glob("*/kustomization.yaml"))
VERSION: str = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
BASE: dict[str, Any] = yaml.safe_load((CHECKOUT / "k8s" / "kustomization.yaml").read_text())
SERVICE: str = BASE["labels"][0]["pairs"]["app.kubernetes.io/name"]


def is_ours(image: str) -> bool:
    """Tell whether an image is the service's own, whatever its registry and tag."""
    return bool(split(image)[0] == SERVICE)


def runtime_of(name: str) -> Runtime:
    """Return what an overlay is written for, which its name says."""
    return "podman" if name.startswith("podman") else "cluster"


async def rendered(name: str) -> Overlay:
    """Return an overlay of this repository; raises RenderError."""
    return Overlay(name, await render(OVERLAYS / name), runtime_of(name))


async def composed(directory: Path, *components: str, runtime: Runtime = "cluster") -> Overlay:
    """Return the base with components, as an overlay in an empty directory would compose them; raises RenderError."""

    def seen_from_there(path: Path) -> str:
        return os.path.relpath(path, directory.resolve())

    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": SERVICE,
        "resources": [seen_from_there(CHECKOUT / "k8s")],
        "components": [seen_from_there(KUSTOMIZE / "components" / name) for name in components],
        "images": [{"name": SERVICE, "newTag": VERSION}],
    }
    (directory / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return Overlay(" + ".join(components), await render(directory), runtime)
