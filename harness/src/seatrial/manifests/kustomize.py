"""Rendering: from an overlay's directory, or a plain YAML file, to Kubernetes objects."""

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from seatrial.command import Command
from seatrial.errors import RenderError
from seatrial.manifests.documents import Unreadable, mappings, read

Object = dict[str, Any]
"""One Kubernetes object as YAML gives it."""

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
ORIGIN = "config.kubernetes.io/origin"
TRANSFORMATIONS = "alpha.config.kubernetes.io/transformations"
ORIGINS = ["originAnnotations", "transformerAnnotations"]
KEPT = ("sortOptions",)
"""What counts in the outermost kustomization alone."""
RENDER_LIMIT_SECONDS = 60.0


async def render(path: Path) -> list[Object]:
    """Return the objects of an overlay's directory, by kustomize or else kubectl, or of a plain YAML file.

    Raises RenderError with the tool's or the parser's own words.
    """
    return parse(await render_text(path), str(path))


async def render_text(path: Path) -> str:
    """Return the same as the YAML text that the tool printed; raises RenderError."""
    command = _build(path)
    return read_text(path) if command is None else (await command.run()).check(RenderError).stdout


async def render_with_origins(path: Path) -> tuple[str, Path]:
    """Return what a directory renders to, with annotations ORIGIN and TRANSFORMATIONS on each object.

    And the directory that the files in those are named from. Raises RenderError.
    """
    command = _build(path)
    assert command is not None
    with TemporaryDirectory(prefix="seatrial-origins-") as name:
        around = _lay_around(path, name)
        told = await replace(command, argv=(*command.argv[:-1], str(around))).run()
    if told.returncode == 0:
        return told.stdout, around
    return await render_text(path), around  # it is broken; or else it cannot be a part of anything, and has no origins


def _lay_around(path: Path, name: str) -> Path:
    """Make a directory one whose kustomization has another as its only resource, and origins; return its real path."""
    own, around = next(mappings(read_text(kustomization(path))), None), Path(name).resolve()
    kept = {name: own.object[name] for name in KEPT if own and name in own.object}
    build = {"resources": [os.path.relpath(path.resolve(), around)], "buildMetadata": ORIGINS, **kept}
    (around / KUSTOMIZATIONS[0]).write_text(dump([build]))
    return around


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


def kustomization(path: Path) -> Path:
    """Return a directory's own kustomization; raises RenderError where it has none."""
    for name in KUSTOMIZATIONS:
        if (path / name).is_file():
            return path / name
    raise RenderError(f"{path} is no overlay: it has none of {', '.join(KUSTOMIZATIONS)}")


def _build(path: Path) -> Command | None:
    if not path.is_dir():
        return None
    kustomization(path)
    helm = ("--enable-helm",) if shutil.which("helm") else ()
    for tool in (("kustomize", "build"), ("kubectl", "kustomize")):
        if shutil.which(tool[0]):
            return Command((*tool, *helm, str(path)), RENDER_LIMIT_SECONDS)
    raise RenderError(
        f"{path} is a Kustomize directory: rendering it takes `kustomize` or `kubectl`; neither is installed"
    )


def read_text(path: Path) -> str:
    """Return the text of a file; raises RenderError."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(f"{path} cannot be read ({error}); give an overlay's directory or a YAML file") from error
