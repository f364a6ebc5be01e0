"""Traffic to be sent from elsewhere: its clients by value, and the source of every module that they are made of."""

import ast
import base64
import importlib
import io
import pickle
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from seatrial.errors import ClusterError
from seatrial.traffic.clients import Client

IN_IMAGE = sys.stdlib_module_names | {"h11"}
"""The packages that the client's image has: every other one that clients are made of is shipped."""


@dataclass(frozen=True)
class Shipment:
    """Clients, pickled and printable, and files by their paths below a directory of `sys.path`."""

    clients: str
    files: dict[str, str]


def ship(clients: Sequence[Client]) -> Shipment:
    """Return clients in a form that another Python can run; ClusterError for what is no module's: a lambda."""
    buffer = io.BytesIO()
    pickler = _Pickler(buffer)
    try:
        pickler.dump(list(clients))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ClusterError(
            f"these clients cannot be sent to the cluster ({error}); their functions must be of a module"
        ) from error
    return Shipment(base64.b64encode(buffer.getvalue()).decode(), sources(pickler.modules))


def sources(modules: Iterable[str]) -> dict[str, str]:
    """Return the files of these modules and of those of their packages that they import, packages included."""
    files: dict[str, str] = {}
    waiting = [name for name in modules if _package(name) not in IN_IMAGE]
    packages = {__name__.partition(".")[0], *map(_package, waiting)}
    while waiting:
        name = waiting.pop()
        module = sys.modules.get(name) or importlib.import_module(name)
        path = name.replace(".", "/") + ("/__init__.py" if hasattr(module, "__path__") else ".py")
        if path not in files and module.__file__:  # a namespace package has no file
            files[path] = Path(module.__file__).read_text()
            waiting += [imported for imported in _imported(files[path]) if _package(imported) in packages]
            if "." in name:
                waiting.append(name.rpartition(".")[0])
    return files


class _Pickler(pickle.Pickler):
    """A pickler that takes note of the modules that unpickling will import."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.modules: set[str] = set()

    def reducer_override(self, obj: Any) -> Any:
        owner = obj if hasattr(obj, "__module__") and hasattr(obj, "__qualname__") else type(obj)
        self.modules.add(owner.__module__)
        return NotImplemented


def _imported(source: str) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names if _is_module(node, alias))]
    return names


def _is_module(node: ast.ImportFrom, alias: ast.alias) -> bool:
    module = importlib.import_module(str(node.module))
    return isinstance(getattr(module, alias.name, None), ModuleType)


def _package(module: str) -> str:
    return module.partition(".")[0]
