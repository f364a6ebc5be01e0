"""A program in the checkout, out of Debian's packages: unpacked, made to run from there, and never there by half.

Only the programs that are asked for and the libraries that they load are kept. Each program is told, by patchelf of
the same packages, the loader and the libraries beside it, so that the machine's own, older or newer, do not matter.
Those are absolute paths: runc runs itself from memory, where a relative one would point nowhere. So a marker has the
path, and a checkout that was moved is noticed. The paths are padded with slashes to one length, so that a move writes
the new ones over the old: patchelf breaks a Go program, podman among them, that it has changed once before.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap.apt import unpack
from bootstrap.errors import BootstrapError
from bootstrap.process import probe

MARKER = "seatrial.json"
FORMAT = "2"
"""To be raised when a tree is made in another way, so that those made before are made anew."""
LOADER = "usr/lib/*-linux-gnu*/ld-linux-*.so.*"
PATCHELF = "usr/bin/patchelf"
PATH_BYTES = 512
"""The length that the paths in programs are padded to; the kernel takes 4,096."""
ELF_HEADER_BYTES = 64
DYNAMIC_INTERPRETER = 3  # PT_INTERP in elf(5)


@dataclass(frozen=True)
class Recipe:
    """What a tree is made of: packages, and which of their files are wanted, as globs below the tree."""

    name: str
    packages: tuple[str, ...]
    wanted: tuple[str, ...]
    alone: bool = False
    """Whether the packages are taken without what they depend on, because they run by what the machine has."""
    needs: tuple[str, ...] = ()
    """A command that has to succeed on a machine where that is so."""

    def digest(self) -> str:
        """Return what changes with the recipe."""
        parts = (FORMAT, self.name, *self.packages, "", *self.wanted, str(self.alone))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Tree:
    """The place of one recipe's programs below `.tools`."""

    tools: Path
    recipe: Recipe

    @property
    def root(self) -> Path:
        """Where the programs are."""
        return self.tools / self.recipe.name

    def intact(self) -> bool:
        """Return whether it is there, made by this recipe for this path, with every file in its full length."""
        marker = self.marker()
        return marker.get("path") == str(self.root) and marker.get("recipe") == self.recipe.digest() and self._whole()

    def moved(self) -> bool:
        """Return whether it is whole and made by this recipe, but for another path: the checkout was moved."""
        marker = self.marker()
        made = marker.get("recipe") == self.recipe.digest() and marker.get("path") not in {None, str(self.root)}
        return made and self._whole() and self._fits()

    def marker(self) -> Mapping[str, Any]:
        """Return what is written about the tree that is there: `path`, `recipe`, `versions` and `files`; or nothing."""
        with contextlib.suppress(OSError, ValueError):
            marker = json.loads((self.root / MARKER).read_text(encoding="utf-8"))
            if isinstance(marker, dict):
                return marker
        return {}

    def files(self) -> list[Path]:
        """Return the files that it was made of."""
        return [self.root / name for name in self.marker().get("files", {})]

    def _fits(self) -> bool:
        return len(os.fsencode(self.root)) <= PATH_BYTES // 2  # the rest is for the names below

    def _whole(self) -> bool:
        def length(path: Path) -> int | None:
            with contextlib.suppress(OSError):
                return path.stat().st_size
            return None

        return all(length(self.root / name) == size for name, size in self.marker().get("files", {}).items())

    def make(self, archives: Iterable[Path], versions: Mapping[str, str]) -> None:
        """Make it of package files, in a scratch directory, and put it in its place when it is whole."""
        with self._scratch() as scratch:
            unpacked = scratch / "unpacked"
            for archive in archives:
                unpack(archive, unpacked)
            built = scratch / "built"
            if self.recipe.alone:
                keep = self._asked_for(unpacked)
            else:
                patch = Patchelf.of(unpacked)
                asked = self._asked_for(unpacked)
                keep = [*asked, *patch.libraries(asked), patch.loader]
                patch.point_to(self.root, asked)
            for path in dict.fromkeys(keep):
                target = built / path.relative_to(unpacked)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)  # what a link points at, since its target may not be kept
            self._finish(built, versions)

    def move(self) -> None:
        """Make what was made for another path run from this one."""
        with self._scratch() as scratch:
            built, marker = scratch / "built", self.marker()
            shutil.copytree(self.root, built, symlinks=True)
            for path in filter(is_dynamic, _files(built)):
                _point_elsewhere(path, Path(marker["path"]), self.root)
            self._finish(built, marker["versions"])

    def _asked_for(self, unpacked: Path) -> list[Path]:
        found = []
        for pattern in self.recipe.wanted:
            paths = [path for path in sorted(unpacked.glob(pattern)) if path.is_file()]
            if not paths:
                raise BootstrapError(f"Debian's packages of {self.recipe.name} have no {pattern}, which is needed")
            found += paths
        return found

    def _finish(self, built: Path, versions: Mapping[str, str]) -> None:
        files = {str(path.relative_to(built)): path.stat().st_size for path in _files(built) if path.name != MARKER}
        marker = {"path": str(self.root), "recipe": self.recipe.digest(), "versions": dict(versions), "files": files}
        (built / MARKER).write_text(json.dumps(marker, indent=1, sort_keys=True), encoding="utf-8")
        # A user may run what root has unpacked, whatever root's umask.
        for path in (built, *built.rglob("*")):
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
        if self.root.exists():
            self.root.rename(built.parent / "before")
        built.rename(self.root)

    @contextlib.contextmanager
    def _scratch(self) -> Iterator[Path]:
        scratch = self.tools / f"{self.recipe.name}.new"
        shutil.rmtree(scratch, ignore_errors=True)  # of a call that was killed
        scratch.mkdir(parents=True)
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


@dataclass(frozen=True)
class Patchelf:
    """patchelf of an unpacked tree, run by the tree's own loader: it needs nothing of the machine."""

    root: Path
    loader: Path

    @classmethod
    def of(cls, root: Path) -> "Patchelf":
        """Return the one of a tree; raises BootstrapError when its packages have no loader where it should be."""
        loader = next(iter(sorted(root.glob(LOADER))), None)
        if loader is None:
            raise BootstrapError(f"Debian's libc6 has no loader at {LOADER}: this architecture is not known")
        return cls(root, loader)

    def libraries(self, programs: Iterable[Path]) -> list[Path]:
        """Return the libraries that programs load, and those that these load."""
        found: dict[str, Path] = {}
        waiting = list(programs)
        while waiting:
            path = waiting.pop()
            if not (is_dynamic(path) or ".so" in path.name):
                continue  # it is static
            for name in self._run("--print-needed", str(path)).split():
                if name not in found:
                    found[name] = self.loader.parent / name
                    waiting.append(found[name])
        missing = sorted(name for name, path in found.items() if not path.is_file())
        if missing:
            raise BootstrapError(f"Debian's packages lack what their programs load: {', '.join(missing)}")
        return list(found.values())

    def point_to(self, place: Path, programs: Iterable[Path]) -> None:
        """Make each dynamic program load from `place`, where the tree is going to be."""
        loader = padded(place / self.loader.relative_to(self.root))
        libraries = padded((place / self.loader.relative_to(self.root)).parent)
        for path in filter(is_dynamic, programs):
            # Libraries look where the program does (DT_RPATH). Sorted sections, the default, make a Go program that
            # is not position-independent crash (patchelf 0.18).
            paths = ("--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries)
            self._run("--no-sort", *paths, str(path))

    def _run(self, *arguments: str) -> str:
        program = self.root / PATCHELF
        done = probe(str(self.loader), "--library-path", str(self.loader.parent), str(program), *arguments)
        if done.returncode != 0:
            raise BootstrapError(f"patchelf failed for {arguments[-1]}: {done.stderr.strip()}")
        return done.stdout


def padded(path: Path) -> str:
    """Return a path of PATH_BYTES that names the same place: slashes at the start are one; raises BootstrapError."""
    room = PATH_BYTES - len(os.fsencode(path))
    if room < 0:
        raise BootstrapError(f"the path of this checkout is too long for the programs in it: {path}")
    return "/" * room + str(path)


def _point_elsewhere(program: Path, before: Path, now: Path) -> None:
    """Write the paths below `now` over those below `before`, each as long as the other."""
    content = program.read_bytes()
    for below in set(re.findall(rb"/{2,}" + re.escape(os.fsencode(before)[1:]) + rb"/([^\0]*)", content)):
        old, new = (os.fsencode(padded(place / os.fsdecode(below))) for place in (before, now))
        content = content.replace(old, new)
    program.write_bytes(content)


def is_dynamic(path: Path) -> bool:
    """Return whether a file is a program that a loader starts (elf(5), 64 bits, little-endian)."""
    with path.open("rb") as file:
        header = file.read(ELF_HEADER_BYTES)
        if len(header) < ELF_HEADER_BYTES or header[:6] != b"\x7fELF\x02\x01":
            return False
        (offset,) = struct.unpack_from("<Q", header, 32)
        size, count = struct.unpack_from("<HH", header, 54)
        file.seek(offset)
        table = file.read(size * count)
    return any(struct.unpack_from("<I", table, size * i)[0] == DYNAMIC_INTERPRETER for i in range(count))


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
