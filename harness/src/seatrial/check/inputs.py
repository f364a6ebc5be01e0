"""What is checked: Kustomize directories, YAML files, directories of both, or standard input."""

import asyncio
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from seatrial.errors import HarnessError
from seatrial.manifests.documents import mappings
from seatrial.manifests.kustomize import KUSTOMIZATIONS
from seatrial.manifests.source import Position, Problem, Rendered, kustomized

STDIN, STDIN_NAME = "-", "stdin"
YAML = (".yaml", ".yml")
CHART = "Chart.yaml"
REFERRING = ("resources", "bases", "components")
AT_A_TIME = 4
"""How many directories are rendered side by side."""
BYTE_ORDER_MARK = "utf-8-sig"


async def read(paths: Sequence[str], stdin: IO[bytes]) -> list[Rendered]:
    """Return what the paths hold: each Kustomize directory for itself, and all plain YAML as deployed together.

    What cannot be read is among their problems.
    """
    plain, directories = Rendered(" ".join(paths)), list[Path]()
    for path in map(Path, dict.fromkeys(paths)):
        if str(path) == STDIN:
            _add(plain, STDIN_NAME, stdin.read())
        elif not path.is_dir():
            _add_file(plain, path)
        elif kustomization := _kustomization(path):
            directories.append(kustomization.parent)
        else:
            directories += _add_tree(plain, path)
    slots = asyncio.Semaphore(AT_A_TIME)
    found = await asyncio.gather(*(_rendered(path, slots) for path in dict.fromkeys(directories)))
    return [*found, *([plain] if plain.objects or plain.problems else [])]


async def _rendered(path: Path, slots: asyncio.Semaphore) -> Rendered:
    try:
        async with slots:
            return await kustomized(path)
    except HarnessError as error:
        found = Rendered(str(path))
        found.problems.append(Problem(Position(str(_kustomization(path) or path), 1), str(error)))
        return found


def _kustomization(path: Path) -> Path | None:
    return next((path / name for name in KUSTOMIZATIONS if (path / name).is_file()), None)


def _add_file(found: Rendered, path: Path) -> None:
    try:
        _add(found, str(path), path.read_bytes())
    except OSError as error:
        found.problems.append(Problem(Position(str(path), 1), f"it cannot be read: {error.strerror}"))


def _add(found: Rendered, file: str, content: bytes) -> None:
    try:
        text = content.decode(BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found.problems.append(Problem(Position(file, line), "it is no text in UTF-8; give YAML"))
        return
    before = len(found.objects) + len(found.problems)
    found.add_text(text, file)
    if len(found.objects) + len(found.problems) == before:
        found.problems.append(Problem(Position(file, 1), "it is empty; give Kubernetes objects as YAML"))


def _add_tree(plain: Rendered, path: Path) -> list[Path]:
    """Add the plain YAML below a directory, and return the Kustomize directories there that no other one is made of."""
    kustomized_, before = list[Path](), len(plain.objects) + len(plain.problems)
    for directory, names in _directories(path):
        if any((directory / name).is_file() for name in KUSTOMIZATIONS):
            kustomized_.append(directory)
        elif not any(each in directory.parents for each in kustomized_):
            for file in (directory / name for name in names):
                if file.is_file():  # a pipe may never end
                    _add_if_kubernetes(plain, file)
    roots = list(_roots(kustomized_))
    if not roots and len(plain.objects) + len(plain.problems) == before:
        words = "there is no Kustomize directory and no YAML with Kubernetes objects in it"
        if (path / CHART).is_file():
            words = f"it is a chart; `helm template {path} | seatrial check -` checks what it becomes"
        plain.problems.append(Problem(Position(str(path), 1), words))
    return roots


def _directories(path: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield every directory with the names of its YAML files, but hidden ones, and charts, which are no YAML yet."""
    for directory, inner, names in os.walk(path):
        if CHART in names:
            inner.clear()
            continue
        inner[:] = sorted(name for name in inner if not name.startswith(".") and name != "node_modules")
        yield Path(directory), sorted(name for name in names if name.endswith(YAML) and not name.startswith("."))


def _add_if_kubernetes(plain: Rendered, path: Path) -> None:
    """Add a file that was not asked for by its name: what is about something else than Kubernetes is left alone."""
    found = Rendered(str(path))
    _add_file(found, path)
    if found.objects or any("is not YAML" in each.words for each in found.problems):
        plain.take(found)


def _roots(directories: Iterable[Path]) -> Iterator[Path]:
    """Yield the directories that are rendered for themselves: no components, and nothing that another one takes."""
    settings = {each: _settings(each) for each in directories}
    taken = {
        os.path.normpath(directory / str(each))
        for directory, found in settings.items()
        for name in REFERRING
        for each in found.get(name) or ()
    }
    for directory, found in settings.items():
        if found.get("kind") != "Component" and os.path.normpath(directory) not in taken:
            yield directory


def _settings(directory: Path) -> dict[str, Any]:
    kustomization = _kustomization(directory)
    try:
        text = kustomization.read_text("utf-8") if kustomization else ""
    except (OSError, UnicodeDecodeError):  # which rendering it will tell
        return {}
    return next((each.object for each in mappings(text)), {})
