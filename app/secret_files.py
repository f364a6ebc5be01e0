"""Settings as files below /run/secrets, where Kubernetes and podman mount secrets.

`/run/secrets/app/` is the service's own directory; a secret may as well be a directory beside it, or a file there (of
podman). All are looked into; names that begin with a dot are Kubernetes' own (`..data`).
"""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path

SECRETS = Path("/run/secrets")
OWN = SECRETS / "app"


def directories(secrets: Path) -> list[Path]:
    """Return where files of settings may be: `secrets` and the directories in it."""
    if not (secrets.is_dir() and os.access(secrets, os.R_OK | os.X_OK)):
        return []
    below = (path for path in sorted(secrets.iterdir()) if path.is_dir() and not path.name.startswith("."))
    # What cannot be read is somebody else's, unless it is the service's own: then the reader complains.
    return [secrets, *(path for path in below if path.name == OWN.name or os.access(path, os.R_OK | os.X_OK))]


def complaints(secrets: Path, known: Collection[str], prefix: str, no_such: Callable[[str], str]) -> list[str]:
    """Return a line for each file that sets nothing, which `no_such` ends, or what another file sets otherwise."""
    found: dict[str, Path] = {}
    lines = []
    for directory in directories(secrets):
        for path in _named_like_settings(directory, known, prefix, own=directory == secrets / OWN.name):
            name = path.name.upper()
            if name not in known:
                lines.append(f"{path}: {no_such(name)}")
            elif fault := _fault(path):
                lines.append(f"{path}: {fault}; allowed: a text file that can be read")
            elif path.read_text("utf-8").strip() != found.setdefault(name, path).read_text("utf-8").strip():
                lines.append(f"{name}: given in {found[name]} and otherwise in {path}; allowed: one of them")
    return lines


def _named_like_settings(directory: Path, known: Collection[str], prefix: str, *, own: bool) -> Iterator[Path]:
    """Give the files with the prefix of settings; in the service's own directory also those that only lack it."""
    with suppress(PermissionError):  # who reads them complains
        for path in sorted(directory.iterdir()):
            name = path.name.upper()
            if name.startswith(prefix) or name in known or (own and prefix + name in known):
                yield path


def _fault(path: Path) -> str | None:
    """Return why a file cannot be read, if so."""
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return "given something that is no UTF-8"
    except OSError as error:
        return f"{error.strerror}"
    return None
