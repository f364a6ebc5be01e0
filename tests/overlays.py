"""The overlays of this checkout, by their names."""

from collections.abc import Iterator
from pathlib import Path

from seatrial.errors import ManifestError

CHECKOUT = Path(__file__).resolve().parents[1]
OVERLAYS = CHECKOUT / "kustomize" / "overlays"


def overlays() -> Iterator[str]:
    """Return their names."""
    return (path.parent.name for path in sorted(OVERLAYS.glob("*/kustomization.yaml")))


def overlay_path(name: str) -> Path:
    """Return an overlay's directory, given its name or a path; raise ManifestError for what is neither."""
    if (OVERLAYS / name).is_dir():
        return OVERLAYS / name
    if Path(name).exists():
        return Path(name)
    raise ManifestError(f"no overlay {name!r}; there are {', '.join(overlays())}, or give a path")
