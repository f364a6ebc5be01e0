"""Renaming the service: every place that has its name, and none that has the tool's."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from fork import lock, places
from fork.errors import ForkError
from fork.names import OLD, Name

AFTERWARDS = (("ruff", "check", "--quiet", "--fix-only"), ("ruff", "format", "--quiet"), ("tests.docs",))
"""What brings the checkout in shape again, each as `python -m`: lines are longer or shorter than they were."""


def rename(checkout: Path, name: Name, tell: Callable[[str], None]) -> None:
    """Give the service of a checkout another name; raises ForkError before anything is changed."""
    tracked = _tracked(checkout)
    if not tracked:
        raise ForkError(f"{checkout} has no files that git knows; clone the repository, and rename it there")
    if changes := _git(checkout, "status", "--porcelain", "--untracked-files=no"):
        raise ForkError(
            f"{len(changes.splitlines())} files have changes that are not committed; commit them first, so that "
            "`git diff` shows what the renaming did, and `git restore .` takes it back"
        )
    written = dict(_written(checkout, tracked, name))
    tell(f"{OLD} becomes {name.text} in {len(written)} files of {checkout}")
    for path, text in written.items():
        target = (
            checkout / places.moved(path, name)
            if places.may_have(path) and path not in places.SERVER
            else checkout / path
        )
        if target != checkout / path:
            (checkout / path).rename(target)
        target.write_text(text, "utf-8")
    for module in AFTERWARDS:
        done = subprocess.run(
            [sys.executable, "-m", *module], cwd=checkout, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ForkError(
                f"every place has the new name, but `python -m {' '.join(module)}`, which shapes the files again, "
                f"failed: {done.stderr.strip()[-2000:]}"
            )
    tell("renamed; look at it with `git diff`, try it with `make test`, and commit it on its own")


def _written(checkout: Path, tracked: list[str], name: Name) -> Iterator[tuple[str, str]]:
    """Yield the files to write with their texts, by their old paths; raises ForkError for a checkout renamed before."""
    yield "pyproject.toml", lock.project((checkout / "pyproject.toml").read_text("utf-8"), name)
    yield "uv.lock", lock.locked((checkout / "uv.lock").read_text("utf-8"), name)
    for path in tracked:
        if not places.may_have(path) or (checkout / path).is_symlink():
            continue
        try:
            text = (checkout / path).read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        change = places.only_the_application if path in places.SERVER else places.renamed
        changed, count = change(text, name)
        if count or (path not in places.SERVER and places.moved(path, name) != path):
            yield path, changed


def _tracked(checkout: Path) -> list[str]:
    return [path for path in _git(checkout, "ls-files", "-z").split("\0") if path]


def _git(checkout: Path, *arguments: str) -> str:
    try:
        argv = ("git", *arguments)
        done = subprocess.run(argv, cwd=checkout, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ForkError("git is not installed; renaming asks it which files are the repository's") from error
    if done.returncode:
        raise ForkError(f"`git {arguments[0]}` in {checkout}: {done.stderr.strip()}")
    return done.stdout
