"""The service's image: its name, what it is made by, and its build."""

import tomllib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from seatrial.command import Command
from seatrial.errors import ToolMissingError
from seatrial.podman import images, recipe
from seatrial.podman.images import BaseImage

CHECKOUT = Path(__file__).resolve().parents[1]
CONTAINERFILE = CHECKOUT / "Containerfile"
STAND_INS = CHECKOUT / "images"


def reference() -> str:
    """Return the name of the service's image: `localhost/seatrial:` and the project's version."""
    return f"localhost/seatrial:{version()}"


def version() -> str:
    """Return the project's version."""
    project: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def digest(*more: str) -> str:
    """Return the digest of all that the service's build is sent, and of whatever else it depends on."""
    sent = [line[1:] for line in (CHECKOUT / ".containerignore").read_text().splitlines() if line.startswith("!")]
    files = (path for name in sent for path in (CHECKOUT / name, *(CHECKOUT / name).rglob("*")))
    return recipe.digest(CHECKOUT, [CONTAINERFILE, *files], more)


async def built(*, tell: Callable[[str], None]) -> str:
    """Build the service's image on the base images that can be had, and return its id."""
    return await build(await images.base_images(CONTAINERFILE, tell=tell))


async def build(bases: Collection[BaseImage]) -> str:
    """Build the service's image on these base images, tag it `reference()`, and return its id.

    An image that was made by the same is returned as it is: podman's own cache takes seconds to find that out.
    """
    base_ids = "".join([f"{await images.identity(base.used)}\n" for base in bases])
    arguments = {base.argument: base.used for base in bases} | {"VERSION": version(), "REVISION": await _revision()}
    made_by = digest(base_ids, *arguments.values())
    return await images.made_by(made_by, reference()) or await images.build(
        CONTAINERFILE, CHECKOUT, reference(), arguments, made_by
    )


async def _revision() -> str:
    command = Command(("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"), cwd=CHECKOUT)
    try:
        return (await command.run()).stdout.strip() or "unknown"
    except ToolMissingError:
        return "unknown"
