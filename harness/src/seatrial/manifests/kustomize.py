"""Rendering: from an overlay's directory, or a plain YAML file, to Kubernetes objects."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from seatrial.command import Command
from seatrial.errors import RenderError

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
    try:
        documents = [_as_stored(document) for document in yaml.load_all(text, _Loader) if document is not None]
    except yaml.YAMLError as error:
        raise RenderError(f"{source} is not YAML: {error}") from error
    except RecursionError as error:
        raise RenderError(f"{source} is not YAML: it contains itself, or is too deep") from error
    except (AttributeError, KeyError, ValueError) as error:  # what PyYAML raises for a text that its tag does not fit
        raise RenderError(f"{source} is not YAML: a value does not fit its tag ({error})") from error
    numbered = enumerate(documents, 1)
    found = [each for at, value in numbered for each in _objects(value, f"{source}: document {at}")]
    if not found:
        raise RenderError(f"{source} has no objects in it")
    return found


class _Loader(yaml.SafeLoader):
    """Reads scalars as Kubernetes does (sigs.k8s.io/yaml): no dates, no `=`, no 22:30 in minutes, and 1e5 a number."""


_OTHERWISE = {f"tag:yaml.org,2002:{name}" for name in ("float", "int", "timestamp", "value")}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _OTHERWISE]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int",
    re.compile(r"[-+]?(0|[1-9][0-9_]*|0o?[0-7][0-7_]*|0x[0-9a-fA-F][0-9a-fA-F_]*|0b[01][01_]*)$"),
    list("-+0123456789"),
)
_Loader.add_implicit_resolver(  # an exponent that would make it infinite makes it a text
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?((\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[12]?[0-9]{1,2})?|\.(inf|Inf|INF))$|\.(nan|NaN|NAN)$"),
    list("-+.0123456789"),
)
_Loader.add_constructor("tag:yaml.org,2002:merge", lambda _, node: str(node.value))  # `<<` where it is no key


def _as_stored(value: Any) -> Any:
    """Return a value as the API server reads it: null is no field, a name is text, and what JSON has not is text."""
    if isinstance(value, dict):
        return {str(key): _as_stored(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_as_stored(each) for each in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _objects(value: Any, where: str) -> Iterator[Object]:
    match value:
        case {"kind": "List", "items": [*items]}:
            for item in items:
                yield from _objects(item, f"{where}, an item")
        case {"kind": str(), "metadata": {"name": str()}}:
            yield value
        case _:
            raise RenderError(f"{where} is no Kubernetes object with a kind and a metadata.name")


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
