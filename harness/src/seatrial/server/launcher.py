"""The command `seatrial` on PATH: a file that runs this checkout's tool by this interpreter."""

import os
import shlex
import sys
from pathlib import Path

from seatrial.server.errors import ServerError

KEPT = ("CONTAINERS_CONF_OVERRIDE", "SEATRIAL_STAND_INS")
"""The variables by which podman, and images, were found as the installation was made."""
MARK = "# Written by `make server-install` of seatrial."


def path(*, user: bool) -> Path:
    """Return where it is for root, or for a user."""
    return (Path.home() / ".local/bin" if user else Path("/usr/local/bin")) / "seatrial"


def write(place: Path) -> None:
    """Write it; ServerError where something else has its name."""
    if place.exists() and MARK not in place.read_text(errors="replace"):
        raise ServerError(f"{place} is something else's: move it away first")
    place.parent.mkdir(parents=True, exist_ok=True)
    given = "".join(f"export {name}={shlex.quote(os.environ[name])}\n" for name in KEPT if name in os.environ)
    place.write_text(f'#!/bin/sh\n{MARK}\n{given}exec {shlex.quote(sys.executable)} -m seatrial "$@"\n')
    place.chmod(0o755)


def remove(place: Path) -> None:
    """Remove it, if it is this one."""
    if place.is_file() and MARK in place.read_text(errors="replace"):
        place.unlink()
