"""Rendering: from an overlay's directory, or a plain YAML file, to Kubernetes objects."""

import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from seatrial.command import Command
from seatrial.errors import RenderError
from seatrial.manifests.documents import Unreadable, read

Object = dict[str, Any]
"""One Kubernetes object as YAML gives it."""

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
RENDER_LIMIT_SECONDS = 60.0


async def render(path: Path) -> list[Object]:
    """Return the objects of an overlay's directory, by kustomize or else kubectl, or of a plain YAML file.

    Raises RenderError with the tool's or the parser's own words.
    """
    return parse(await render_text(path), str(path))


async def render_text(path: Path) -> str:
    """Return the same as the YAML text that the tool printed; raises RenderError."""
    command = _build(path)
    return _read(path) if command is None else (await command.run()).check(RenderError).stdout


def parse(text: str, source: str) -> list[Object]:
    """Return the objects in a YAML text, those of Lists as if they stood alone; `source` names it in a RenderError."""
    found = []
    for document in read(text):
        if isinstance(document, Unreadable):
            raise RenderError(f"{source}{' ' if document.words.startswith('is ') else ': '}{document.words}")
        found.append(document.object)
    if not found:
        raise RenderError(f"{source} has no objects in it")
    return found


class _Dumper(yaml.SafeDumper):
    """Quotes what is a text here, and a number to those who read YAML as podman does: `05990671`, `1e5`."""


_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?((\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+)$"),
    list("-+.0123456789"),
)


def dump(objects: list[Object]) -> str:
    """Return objects as the YAML text that podman and kubectl read."""
    return yaml.dump_all(objects, Dumper=_Dumper, sort_keys=False)


def _build(path: Path) -> Command | None:
    if not path.is_dir():
        return None
    if not any((path / name).is_file() for name in KUSTOMIZATIONS):
        raise RenderError(f"{path} is no overlay: it has none of {', '.join(KUSTOMIZATIONS)}")
    kubectl = not shutil.which("kustomize") and shutil.which("kubectl")
    return Command(
        (*(("kubectl", "kustomize") if kubectl else ("kustomize", "build")), str(path)), RENDER_LIMIT_SECONDS
    )


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(f"{path} cannot be read ({error}); give an overlay's directory or a YAML file") from error
