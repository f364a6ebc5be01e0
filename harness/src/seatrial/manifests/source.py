"""Where rendered objects come from: the file and the line of each field, in a base, a component, a patch or a text."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from seatrial.errors import RenderError
from seatrial.manifests.documents import Document, Unreadable, mappings, read
from seatrial.manifests.kustomize import (
    ORIGIN,
    TRANSFORMATIONS,
    Object,
    kustomization,
    read_text,
    render_with_origins,
)

GENERATORS = ("configMapGenerator", "secretGenerator")
IDENTITY = ("apiVersion", "kind")
"""What a patch has to say which object it is for."""
PATCHES = ("patches", "patchesStrategicMerge")


@dataclass(frozen=True, order=True)
class Position:
    """A line of a file; the file is a path, or what else messages call it."""

    file: str
    line: int

    def __str__(self) -> str:
        """Return it as compilers write it."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Source:
    """A file, what in it an object was read from, where that is known, and the patches that were laid over that."""

    file: str
    document: Document | None
    patches: tuple["Source", ...] = ()

    def position(self, found: Object, path: Sequence[str | int]) -> Position:
        """Return where a field of the rendered object stands: in the last patch that has it, or else in the source.

        Of one that is nowhere, it is the first that has most of what is around it.
        """
        reached = [(self.file, *self.document.line(path, found))] if self.document else [(self.file, 0, 1)]
        if path and path[0] not in IDENTITY:
            reached += [(each.file, *each.document.line(path, found)) for each in self.patches if each.document]
        whole = [each for each in reversed(reached) if each[1] == len(path)]
        file, _, line = max(whole or reached, key=lambda each: each[1])
        return Position(file, line)


@dataclass(frozen=True)
class Problem:
    """What could not be read, and where that is seen."""

    position: Position
    words: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.position}: {' '.join(self.words.split())}"


@dataclass
class Rendered:
    """Objects that are deployed together; `problems` are of the documents that could not be read."""

    name: str
    objects: list[Object] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sources: dict[int, Source] = field(default_factory=dict)

    def add(self, found: Object, source: Source) -> None:
        """Add an object."""
        self.objects.append(found)
        self.sources[id(found)] = source

    def add_text(self, text: str, file: str) -> None:
        """Add the objects in a YAML text."""
        for document in read(text):
            if isinstance(document, Unreadable):
                self.problems.append(Problem(Position(file, document.line), document.words))
            else:
                self.add(document.object, Source(file, document))

    def take(self, other: "Rendered") -> None:
        """Add all that another has."""
        self.objects += other.objects
        self.problems += other.problems
        self.sources |= other.sources

    def position(self, found: Object, path: Sequence[str | int] = ()) -> Position | None:
        """Return where a field of one of the objects stands, or else what is around it; None for other objects."""
        source = self.sources.get(id(found))
        return source.position(found, path) if source else None


async def rendered(path: Path) -> Rendered:
    """Return the objects of a Kustomize directory, or of a plain YAML file; raises RenderError."""
    return _plain(path) or await kustomized(path)


def _plain(path: Path) -> Rendered | None:
    """Return the objects of a YAML file, None for a directory."""
    if path.is_dir():
        return None
    found = Rendered(str(path))
    found.add_text(read_text(path), str(path))
    for problem in found.problems:
        raise RenderError(f"{path}{' ' if problem.words.startswith('is ') else ': '}{problem.words}")
    if not found.objects:
        raise RenderError(f"{path} has no objects in it")
    return found


async def kustomized(path: Path) -> Rendered:
    """Return the objects of a Kustomize directory; raises RenderError with the tool's own words."""
    text, root = await render_with_origins(path)
    whole, found = Rendered(str(path)), Rendered(str(path))
    whole.add_text(text, str(path))
    for problem in whole.problems:
        raise RenderError(f"{path}: {problem.words}")
    for each in whole.objects:
        annotations = each["metadata"].get("annotations") or {}
        origin, steps = (_annotation(annotations.pop(name, "")) for name in (ORIGIN, TRANSFORMATIONS))
        if not annotations:
            each["metadata"].pop("annotations", None)
        found.add(each, _source(each, origin, steps, root) or Source(str(kustomization(path)), None))
    if not found.objects:
        raise RenderError(f"{path} has no objects in it")
    return found


def _annotation(text: str) -> dict[str, Any]:
    """Return what an annotation has, a list under the name `all`."""
    lines = f"all:\n{text}" if text.startswith("-") else text
    return next((each.object for each in mappings(lines)), {})


def _source(found: Object, origin: dict[str, Any], steps: dict[str, Any], root: Path) -> Source | None:
    if "repo" in origin or not (named := origin.get("path") or origin.get("configuredIn")):
        return None  # it is on another machine
    file = os.path.normpath(root / named)
    patches = tuple(_patches(found, dict.fromkeys(_kustomizations_that_patch(steps.get("all") or [], root))))
    if "path" in origin:
        return Source(file, _of(found, _documents(file)), patches)
    return Source(file, _generator(found, file), patches)


def _kustomizations_that_patch(steps: list[dict[str, Any]], root: Path) -> Iterator[str]:
    for step in steps:
        if "Patch" in str((step.get("configuredBy") or {}).get("kind")) and "configuredIn" in step:
            yield os.path.normpath(root / step["configuredIn"])


def _patches(found: Object, kustomizations: Iterable[str]) -> Iterator[Source]:
    """Yield the files that kustomizations lay over an object as strategic merges."""
    for file in kustomizations:
        settings = _settings(file)
        for entry in [entry for name in PATCHES for entry in (settings.object.get(name) if settings else None) or ()]:
            path = entry if isinstance(entry, str) else (entry or {}).get("path")
            if path and "\n" not in path:
                patch = os.path.normpath(Path(file).parent / path)
                if document := _of(found, _documents(patch), strict=isinstance(entry, str) or "target" not in entry):
                    yield Source(patch, document)


def _of(found: Object, documents: tuple[Document, ...], *, strict: bool = False) -> Document | None:
    """Return the document that an object was made of: of its kind, and by the name that a prefix was put before.

    A `strict` one has that name; without one, what is alone of its kind is taken.
    """
    kind = [each for each in documents if each.object.get("kind") == found["kind"]]
    named = [each for each in kind if str(each.object["metadata"]["name"]) in found["metadata"]["name"]]
    best = max(named, key=lambda each: len(str(each.object["metadata"]["name"])), default=None)
    return best or (None if strict or not kind else kind[0])


def _generator(found: Object, file: str) -> Document | None:
    """Return the entry of a kustomization that an object is generated by."""
    if (settings := _settings(file)) is None:
        return None
    for name in GENERATORS:
        for index, entry in enumerate(settings.object.get(name) or ()):
            if str((entry or {}).get("name")) in found["metadata"]["name"]:
                return settings.at((name, index))
    return None


@cache
def _documents(file: str) -> tuple[Document, ...]:
    try:
        return tuple(each for each in read(Path(file).read_text("utf-8")) if isinstance(each, Document))
    except (OSError, UnicodeDecodeError):
        return ()


@cache
def _settings(file: str) -> Document | None:
    try:
        return next(mappings(Path(file).read_text("utf-8")), None)
    except (OSError, UnicodeDecodeError):
        return None
