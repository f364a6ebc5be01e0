"""The kubeconfig's contexts: the one that was named, and no other, made ready for the client."""

import base64
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seatrial.errors import ClusterError

DEFAULT = "~/.kube/config"
FILES = ("client-certificate", "client-key", "certificate-authority")


@dataclass(frozen=True)
class Context:
    """A context by name, with its cluster and its user as the kubeconfig has them, every path made absolute."""

    name: str
    cluster: Mapping[str, Any]
    user: Mapping[str, Any]

    @property
    def server(self) -> str:
        """The API server's address."""
        return str(self.cluster["server"])

    def configuration(self, directory: Path) -> dict[str, Any]:
        """Return a kubeconfig of this context alone, what it carries of keys and certificates in files in `directory`.

        kr8s would leave such files behind in the machine's directory for temporary ones.
        """
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": self.name, "cluster": _in_files(self.cluster, directory)}],
            "users": [{"name": self.name, "user": _in_files(self.user, directory)}],
            "contexts": [{"name": self.name, "context": {"cluster": self.name, "user": self.name}}],
            "current-context": self.name,
        }


def find(name: str | None, files: Iterable[Path] | None = None) -> Context:
    """Return the context of this name; ClusterError, which tells those that there are, for any other and for None."""
    loaded = [(path, _load(path)) for path in (paths() if files is None else files) if path.is_file()]
    merged = {kind: _named(loaded, kind) for kind in ("contexts", "clusters", "users")}
    there_are = f"the kubeconfig has {', '.join(sorted(merged['contexts'])) or 'none'}"
    if not name:
        raise ClusterError(f"name the context to run against, by --context NAME; {there_are}")
    if name not in merged["contexts"]:
        raise ClusterError(f"no context {name!r}; {there_are}")
    context = merged["contexts"][name]
    found: list[Mapping[str, Any]] = []
    for kind in ("cluster", "user"):
        if kind == "user" and not context.get(kind):
            found.append({})  # whoever comes by this way is let in: a proxy
            continue
        if context.get(kind) not in merged[f"{kind}s"]:
            raise ClusterError(f"context {name!r} names the {kind} {context.get(kind)!r}, which the kubeconfig lacks")
        found.append(merged[f"{kind}s"][context[kind]])
    return Context(name, *found)


def contexts(files: Iterable[Path] | None = None) -> list[str]:
    """Return the names of the contexts that there are; ClusterError for a file that cannot be read."""
    loaded = [(path, _load(path)) for path in (paths() if files is None else files) if path.is_file()]
    return sorted(_named(loaded, "contexts"))


def paths() -> list[Path]:
    """Return the files that make up the kubeconfig, as kubectl finds them."""
    given = os.environ.get("KUBECONFIG") or DEFAULT
    return [Path(part).expanduser() for part in given.split(os.pathsep) if part]


def _load(path: Path) -> dict[str, Any]:
    try:
        loaded = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ClusterError(f"the kubeconfig {path} cannot be read: {error}") from error
    return loaded if isinstance(loaded, dict) else {}


def _named(loaded: Iterable[tuple[Path, dict[str, Any]]], kind: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path, content in loaded:
        for entry in content.get(kind) or ():
            value = dict(entry.get(kind.removesuffix("s")) or {})
            for key in FILES:
                if value.get(key):
                    value[key] = str(path.parent.absolute() / value[key])
            found.setdefault(entry["name"], value)  # the first file that has a name wins, as for kubectl
    return found


def _in_files(entry: Mapping[str, Any], directory: Path) -> dict[str, Any]:
    written = dict(entry)
    for key in FILES:
        if data := written.pop(f"{key}-data", None):
            path = directory / key
            path.touch(mode=0o600)
            path.write_bytes(base64.b64decode(data))
            written[key] = str(path)
    return written
