"""Secrets as kube YAML reads them: manifests that podman keeps, their values given at a prompt or in files."""

import base64
import getpass
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from seatrial.manifests.kustomize import dump
from seatrial.podman.client import Podman
from seatrial.server.errors import ServerError


def read(keys: Sequence[str], files: Mapping[str, Path]) -> dict[str, bytes]:
    """Return each key's value: a file's content as it is, else what is typed, twice the same and not shown."""
    values: dict[str, bytes] = {}
    for key, path in files.items():
        try:
            values[key] = path.read_bytes()
        except OSError as error:
            raise ServerError(f"{key}: {path} cannot be read: {error.strerror}") from error
    for key in keys:
        if not sys.stdin.isatty():
            raise ServerError(f"{key}: there is no terminal to ask at; give a file: --from-file {key}=PATH")
        typed = getpass.getpass(f"{key}: ")
        if typed != getpass.getpass(f"{key}, again: "):
            raise ServerError(f"{key}: typed twice, and not the same")
        values[key] = typed.encode()
    for key, value in values.items():
        if not value:
            raise ServerError(f"{key}: it is empty")
    return values


async def keep(name: str, values: Mapping[str, bytes], podman: Podman) -> None:
    """Keep a Secret in podman, in place of what there was; it reaches podman by a pipe."""
    manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "data": {key: base64.b64encode(value).decode() for key, value in values.items()},
    }
    await podman.replace_secret(name, dump([manifest]))
