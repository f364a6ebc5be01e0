"""What an image is made by: the base images that its Containerfile names, its files, and a digest of it all."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

LABEL = "seatrial.dev/recipe"
"""The label that an image made here has its recipe in: made by other than today's files, it is made anew."""


def split(reference: str) -> tuple[str, str]:
    """Return an image's short name and tag: docker.io/library/python:3.14 gives ("python", "3.14")."""
    name, _, tag = reference.rpartition("/")[2].partition(":")
    return name, tag or "latest"


def base_arguments(containerfile: Path) -> dict[str, str]:
    """Return what a Containerfile is built on: its `ARG NAME_IMAGE=official` lines."""
    return dict(re.findall(r"^ARG (\w+_IMAGE)=(\S+)$", containerfile.read_text(), re.MULTILINE))


def of_stand_in(folder: Path) -> str:
    """Return the digest of the files that a stand-in is made by, those of the stand-ins below it included."""
    containerfile = folder / "Containerfile"
    below = base_arguments(containerfile).values() if containerfile.is_file() else ()
    return digest(folder, folder.rglob("*"), [of_stand_in(folder.parent / split(official)[0]) for official in below])


def digest(root: Path, paths: Iterable[Path], more: Iterable[str]) -> str:
    """Return the digest of files by their paths below a directory, and of whatever else an image depends on."""
    made = hashlib.sha256()
    for path in sorted(paths):
        if path.is_file() and path.parent.name != "__pycache__":
            content = path.read_bytes()
            made.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    for text in more:
        made.update(f"{text}\0".encode())
    return made.hexdigest()
