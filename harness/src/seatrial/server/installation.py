"""What is installed: the unit files and their YAML, in a directory of Quadlet's own. There is no other record."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seatrial.manifests.kustomize import Object, parse
from seatrial.server.errors import ServerError
from seatrial.server.layout import APPLICATION, COLOURS, IMAGE, NETWORK, OVERLAY, PROXY, annotation

AT_BOOT = f"""[Install]
WantedBy=default.target
Alias={APPLICATION}.service
"""
PREVIOUS = ".previous"
LOCK_SECONDS = 10.0
"""What a command of a killed tool may take to end."""
LOCK_POLL_SECONDS = 0.1


class Installation:
    """The files of the units; a colour's YAML is replaced as a whole or not at all."""

    def __init__(self, units: Path) -> None:
        self.directory = units / APPLICATION

    @property
    def exists(self) -> bool:
        """Whether anything is installed."""
        return self.directory.is_dir()

    @property
    def installed(self) -> tuple[str, ...]:
        """The names of the units, without `.service`."""
        return tuple(sorted(path.stem for path in self.directory.glob("*.kube")))

    @property
    def has_colours(self) -> bool:
        """Whether it can roll out: two colours behind a proxy."""
        return {PROXY, *COLOURS} <= set(self.installed)

    @property
    def overlays(self) -> set[str]:
        """The overlay that it was installed from; none where nothing is, or an installation was interrupted early."""
        return {found for unit in self.installed if (found := annotation(self.objects(unit), OVERLAY))}

    @property
    def overlay(self) -> str:
        """The same; ServerError when there is none."""
        for found in self.overlays:
            return found
        raise ServerError(f"nothing is installed in {self.directory}: `seatrial server install OVERLAY` does it")

    @contextmanager
    def alone(self) -> Iterator[int]:
        """Hold the installation for one change, and yield the descriptor of the lock, which is the kernel's.

        It ends with its holder, and with what inherits it: a switch of the proxy may still be on its way when the tool
        is killed, and must have arrived before anybody looks which colour is live.
        """
        if not self.exists:
            raise ServerError(f"nothing is installed in {self.directory}: `seatrial server install OVERLAY` does it")
        descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _lock(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)

    def yaml(self, unit: str) -> Path:
        """Return the path of a unit's YAML."""
        return self.directory / f"{unit}.yaml"

    def objects(self, unit: str) -> list[Object]:
        """Return the objects in a unit's YAML; none when it has none."""
        path = self.yaml(unit)
        return parse(path.read_text(), str(path)) if path.is_file() else []

    def image(self, unit: str) -> str | None:
        """Return the name that a colour's image was given by."""
        return annotation(self.objects(unit), IMAGE)

    def write_units(self, quadlet: Path, units: tuple[str, ...]) -> bool:
        """Copy the units' files from a directory; return whether that changed any."""
        self.directory.mkdir(parents=True, exist_ok=True)
        names = (NETWORK, *(f"{unit}.kube" for unit in units))
        # Each is written, changed or not.
        changes = [self._write(self.directory / name, (quadlet / name).read_text()) for name in names]
        return any(changes)

    def write_yaml(self, unit: str, text: str) -> bool:
        """Write a unit's YAML; return whether that changed it."""
        return self._write(self.yaml(unit), text)

    def at_boot(self, unit: str) -> bool:
        """Tell whether a colour starts at boot."""
        return self._boot_file(unit).is_file()

    def set_at_boot(self, unit: str, *, starts: bool) -> None:
        """Decide whether a colour starts at boot; its unit is `seatrial.service`, too, if it does."""
        if starts:
            self._boot_file(unit).parent.mkdir(exist_ok=True)
            self._write(self._boot_file(unit), AT_BOOT)
        else:
            self._boot_file(unit).unlink(missing_ok=True)
            self._sync(self._boot_file(unit).parent)

    def propose(self, unit: str, text: str) -> None:
        """Replace a colour's YAML, and keep what it was until the new one is accepted or withdrawn."""
        path = self.yaml(unit)
        self._write(self._previous(unit), path.read_text() if path.is_file() else "")
        self._write(path, text)

    def accept(self, unit: str) -> None:
        """Keep what was proposed."""
        self._previous(unit).unlink(missing_ok=True)

    def withdraw(self, unit: str) -> None:
        """Undo what was proposed, if anything was."""
        if not self._previous(unit).is_file():
            return
        if text := self._previous(unit).read_text():
            self._write(self.yaml(unit), text)
        else:
            self.yaml(unit).unlink(missing_ok=True)
        self.accept(unit)

    def proposed(self, unit: str) -> bool:
        """Tell whether a colour's YAML is one that was neither accepted nor withdrawn."""
        return self._previous(unit).is_file()

    def remove(self) -> None:
        """Remove every file of it."""
        shutil.rmtree(self.directory)

    def _previous(self, unit: str) -> Path:
        path = self.yaml(unit)
        return path.with_name(path.name + PREVIOUS)

    def _boot_file(self, unit: str) -> Path:
        return self.directory / f"{unit}.kube.d" / "at-boot.conf"

    def _write(self, path: Path, text: str) -> bool:
        if path.is_file() and path.read_text() == text:
            return False
        new = path.with_name(f".{path.name}.new")
        with new.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
        self._sync(path.parent)
        return True

    def _sync(self, directory: Path) -> None:
        """Make a rename last: after a power loss there is what there was, or what is."""
        if directory.is_dir():
            descriptor = os.open(directory, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Take the lock as soon as nobody has it; ServerError when somebody goes on having it."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise ServerError(
                    "another rollout, rollback, installation, backup or restore is at work; try again after it"
                ) from error
        time.sleep(LOCK_POLL_SECONDS)
